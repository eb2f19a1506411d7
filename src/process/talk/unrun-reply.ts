import { describe } from "../../errors.ts";
import type { Reply } from "../contract/model.ts";

/**
 * Why no call of a reply may run, in words for the model; undefined where they may. A call of a reply that is not whole
 * may lack what changes its meaning, also where its arguments parse.
 */
export function whyNoCallRuns({ stopReason, stopDetail }: Reply): string | undefined {
  switch (stopReason) {
    case "max_tokens":
      return (
        "Not run: the reply was cut at its length before it was whole, and no call of such a reply runs. " +
        "Ask again with less in one reply: fewer calls, or shorter arguments."
      );
    case "refusal":
      return "Not run: the reply was refused, and no call of such a reply runs.";
    case "other":
      return `Not run: the reply stopped for a reason that is not known${detail(stopDetail)}, so it may not be whole.`;
    default:
      return undefined;
  }
}

/**
 * Whether a reply may have been cut at its length though it does not say so, as servers do that name the calls as the
 * reason: its last call breaks off. Then what it used is all that it may.
 */
export function mayBeCut({ stopReason, toolCalls, usage }: Reply): boolean {
  return (
    toolCalls.length > 0 && toolCalls.at(-1)?.invalid !== undefined && stopReason === "tool_use" && usage !== undefined
  );
}

/** Lines for the stderr log about a reply. */
export function linesOf(reply: Reply): readonly string[] {
  return [stopLine(reply), complaintLine(reply)].filter((line) => line !== undefined);
}

/** About one that stopped for a reason with a name of its own. */
function stopLine({ stopReason, stopDetail }: Reply): string | undefined {
  if (stopDetail === undefined) return undefined;
  const means = stopReason === "other" ? "which is not known here: it may not be whole" : `taken as "${stopReason}"`;
  return `The provider stopped the reply with the reason ${describe(stopDetail)}, ${means}.`;
}

/** About what failed behind it. */
function complaintLine({ complaint }: Reply): string | undefined {
  if (complaint === undefined) return undefined;
  return `The reply counts, for its stream had said why it ended before it told an error: ${complaint}`;
}

function detail(stopDetail: string | undefined): string {
  return stopDetail === undefined ? "" : ` (${describe(stopDetail)})`;
}
