import type { OneVerdict } from "../../dispatch/decision.ts";
import { describe } from "../../errors.ts";
import { ownIfPromise, thenOf } from "../../events/thenable.ts";
import type { Verdict } from "../../events/verdict.ts";
import { ToolResultReplacement } from "../../events/verdict.ts";
import type { ToolOutcome } from "../talk/tool-result.ts";

/** What came of the replacements of all guards. */
export type Replaced =
  | { readonly ok: true; readonly by: string; readonly content: unknown; readonly isError: boolean | undefined }
  /** Who keeps it from the model, and why, in words for the model; `fault` is for the user. */
  | { readonly ok: false; readonly by: string; readonly reason: string; readonly fault: string };

/**
 * Applies what guards have said to a result. Functions follow one another; what stands in its place as it is, was made of what the tool
 * had returned, and may hold what another guard has taken out: it goes together with no other.
 */
export function replaced(outcome: ToolOutcome, all: readonly OneVerdict[]): Replaced {
  const by = all.map((one) => one.by).join(", ");
  let content: unknown = outcome.whole.content;
  let isError: boolean | undefined;
  for (const { by: name, verdict } of all) {
    if (!(verdict instanceof ToolResultReplacement)) throw unknownVerdict(verdict);
    isError = verdict.isError ?? isError;
    if (typeof verdict.content !== "function") {
      if (all.length > 1) return withheld(by, `${by} have each replaced it, and not all by a function`);
      return { ok: true, by, content: verdict.content, isError };
    }
    try {
      const next: unknown = verdict.content(typeof content === "string" ? content : outcome.textOf(content));
      if (thenOf(next) !== undefined) {
        ownIfPromise(next);
        return withheld(name, `the function of ${name} gave a promise: await what it needs before replaceResult()`);
      }
      content = next;
    } catch (thrown) {
      // Its message may quote what it was given.
      return withheld(name, `the function of ${name} threw ${thrown instanceof Error ? thrown.name : typeof thrown}`);
    }
  }
  return { ok: true, by, content, isError };
}

/** Of an event that has no use for it. */
export function unknownVerdict(verdict: Verdict): TypeError {
  return new TypeError(`Unknown verdict ${describe(verdict)}.`);
}

function withheld(by: string, why: string): Replaced {
  return { ok: false, by, reason: `withheld by callback ${by}`, fault: why };
}
