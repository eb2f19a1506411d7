import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, ToolCall } from "../../process/contract/model.ts";
import { isCutShort, stopMeaning, stopOf, stopWord, tellsPart } from "../wire/stop-reason.ts";
import { ENDED_EARLY, lostCalls, refuseFailed } from "../wire/told-error.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { distinctCalls, isOurCall } from "./calls.ts";
import { offList } from "./off-list.ts";
import type { AiSdkResult } from "./result.ts";
import type { LostDigits } from "./tool-input.ts";
import { inputArguments } from "./tool-input.ts";
import { aiSdkUsage } from "./usage.ts";

/**
 * The reply in a result. `provider` is the model object's own; `lost` has the numbers of the answer that JavaScript has
 * no room for, where the answer was seen.
 * @throws Unreadable, BrokenOff if the model did not end it, or it cannot be answered
 */
export function aiSdkReply(result: AiSdkResult, provider: string, lost?: LostDigits): Reply {
  const usage = aiSdkUsage(result.usage, provider);
  const word = finishWord(result.finishReason);
  if (word === undefined) throw new Unreadable(ENDED_EARLY, undefined);
  refuseFailed(word);
  const content = distinctCalls(
    result.content.filter((part) => !isEmpty(part)),
    result.response.id,
  );
  const calls = content.filter(isOurCall);
  // A call of the vendor's own is one, too.
  if (stopMeaning(word) === "tool_use" && !content.some(({ type }) => type === "tool-call")) {
    throw new Unreadable(lostCalls(word), undefined);
  }
  const stop = stopOf(word, { hasCalls: calls.length > 0 });
  const isCut = isCutShort(stop);
  const toolCalls = calls.map((part) => toolCallIn(part, isCut, lost));
  const response = deepFreeze({
    ...definedOnly(result.response),
    ...definedOnly({ ...result, response: undefined }),
    content,
  });
  const texts = Object.freeze(content.flatMap(textsOfPart));
  return Object.freeze({
    response,
    content: response.content,
    texts,
    toolCalls: deepFreeze(toolCalls),
    usage,
    ...offList(result),
    ...stop,
  });
}

/**
 * Why it ended, in one word: the AI SDK's own, or the provider's where that says more. Specification 2 has one, later
 * ones have both. Undefined where a stream ended without a reason: some say so (`interrupted`), others show it by
 * `unknown`, or `other` with no word of the provider's.
 */
function finishWord(value: JsonValue | undefined): string | undefined {
  const { unified, raw } = isJsonObject(value) ? value : { unified: value, raw: undefined };
  const [own, word] = [stopWord(unified), stopWord(raw)];
  if (own === undefined || own === "interrupted" || own === "unknown") return undefined;
  if (own === "other") return word;
  if (own === "error") return stopMeaning(word) === "failed" ? word : own;
  // `stop` is said of much; any other word of the AI SDK's holds, and the provider's is told where it says the same.
  const [said, meaning] = [stopMeaning(own), stopMeaning(word)];
  // Calls of a reply that the provider itself calls cut do not run.
  if (said === "tool_use" && tellsPart(word)) return word;
  return meaning !== undefined && (own === "stop" || said === undefined || said === meaning) ? word : own;
}

/** A block that was opened and never filled. */
function isEmpty(part: JsonObject): boolean {
  return (part.type === "text" || part.type === "reasoning") && part.text === "" && part.providerMetadata === undefined;
}

export function textsOfPart({ type, text }: JsonObject): readonly string[] {
  return type === "text" && typeof text === "string" && text !== "" ? [text] : [];
}

function toolCallIn(part: JsonObject, isCut: boolean, lost: LostDigits | undefined): ToolCall {
  const { toolCallId: id, toolName: name, input } = part;
  if (typeof id !== "string" || typeof name !== "string" || name === "") {
    throw new Unreadable("a tool call has no name", part);
  }
  const { args, invalid } = inputArguments(input, { isCut, lost });
  return { id, name, args, ...(invalid !== undefined && { invalid }) };
}

function definedOnly(values: object): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject;
}
