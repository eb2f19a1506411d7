import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "../../json.ts";
import { callIds, isId } from "../wire/call-ids.ts";

/** Calls that the provider runs itself are not ours. */
export function isOurCall(part: JsonObject): boolean {
  return part.type === "tool-call" && part.providerExecuted !== true;
}

/**
 * The same content with each call once, and with an id of its own: some packages pass on a call again when its input is
 * whole, and servers give no ids, or the same to all.
 */
export function distinctCalls(content: readonly JsonObject[], replyId: JsonValue | undefined): readonly JsonObject[] {
  const kept: JsonObject[] = [];
  for (const part of content) {
    const place = isOurCall(part) ? kept.findIndex((earlier) => isAgain(earlier, part)) : -1;
    const earlier = kept[place];
    if (earlier === undefined) kept.push(part);
    else if (isNothing(earlier.input)) kept[place] = part;
  }
  const calls = kept.filter(isOurCall);
  const ids = callIds(
    calls.map(({ toolCallId }) => toolCallId),
    replyId,
  );
  const own = new Map(calls.map((call, place) => [call, ids[place]]));
  return kept.map((part) => {
    const id = own.get(part);
    return id === undefined || id === part.toolCallId ? part : { ...part, toolCallId: id };
  });
}

function isAgain(earlier: JsonObject, part: JsonObject): boolean {
  if (!isOurCall(earlier) || !isId(part.toolCallId)) return false;
  if (earlier.toolCallId !== part.toolCallId || earlier.toolName !== part.toolName) return false;
  return isNothing(earlier.input) || isNothing(part.input) || isDeepStrictEqual(earlier.input, part.input);
}

/** An input that says nothing yet. */
function isNothing(input: JsonValue | undefined): boolean {
  const text = typeof input === "string" ? input : JSON.stringify(input ?? null);
  return /^\s*(|null|\{\s*\}|\[\s*\])\s*$/.test(text);
}
