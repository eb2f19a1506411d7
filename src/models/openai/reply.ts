import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage, ToolCall } from "../../process/contract/model.ts";
import { callIds, isId } from "../wire/call-ids.ts";
import { isSomething } from "../wire/error-body.ts";
import { offListFacts } from "../wire/off-list.ts";
import { isCutShort, stopMeaning, stopOf, stopWord } from "../wire/stop-reason.ts";
import { outputWithin, tokenCount } from "../wire/token-count.ts";
import { refuseFailed } from "../wire/told-error.ts";
import { givenArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { fits, partsOf, textOf, usualForm } from "./items.ts";
import { offListTier } from "./service-tier.ts";

/**
 * The reply in a whole response, however it arrived. Its content is the output items, as they go back to OpenAI.
 * @throws Unreadable if it is no response; BrokenOff if it says that it failed
 */
export function responsesReply(response: JsonObject): Reply {
  const word = reasonOf(response);
  refuseFailed(word, response.error);
  refuseFailed(response.status);
  const items = itemsOf(response);
  refuseUnfinished(response, items);
  const parts = items.flatMap(partsOf);
  const stop = stopOfResponse(word, response, items);
  const calls = callsOf(items, response, isCutShort(stop));
  return deepFreeze<Reply>({
    response,
    content: items.map((item) => calls.get(item)?.sent ?? item),
    texts: parts.flatMap(textOf),
    toolCalls: [...calls.values()].map(({ call }) => call),
    usage: responsesUsage(response),
    ...offListFacts(offListTier(response.service_tier), fee(items)),
    ...stop,
  });
}

/** The counts of a response; undefined where they are missing or make no sense. */
export function responsesUsage({ usage }: JsonObject): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = isJsonObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const { input_tokens: inputs, output_tokens: outputs, total_tokens: total } = usage;
  const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = input;
  const { reasoning_tokens: reasoning } = output;
  const counts = [inputs, outputs, read ?? 0, written ?? 0, reasoning ?? 0].map(tokenCount);
  if (!counts.every((count) => count !== undefined)) return undefined;
  const [inputTokens = 0, said = 0, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0] = counts;
  return Object.freeze({
    inputTokens,
    outputTokens: outputWithin(total, inputTokens, said),
    ...(reasoning != null && { reasoningTokens }),
    cacheReadTokens,
    cacheWriteTokens,
  });
}

/** What is said in an answer, whatever else is wrong with it. */
export function responsesTexts({ output, output_text: text }: JsonObject): readonly string[] {
  const items = Array.isArray(output) ? output.filter(isJsonObject).map(usualForm) : [];
  const texts = items.flatMap(partsOf).flatMap(textOf);
  return texts.length === 0 && typeof text === "string" ? [text] : texts;
}

/** @throws Unreadable if it is still to be made; BrokenOff if a part of it failed */
function refuseUnfinished(response: JsonObject, items: readonly JsonObject[]): void {
  const { status } = response;
  if (items.length === 0 && stopMeaning(status) === undefined) {
    throw new Unreadable(`its status is ${describe(status)}, and it has no output`, response);
  }
  for (const item of items) if (isOwnWord(item)) refuseFailed(item.status);
}

function itemsOf(response: JsonObject): readonly JsonObject[] {
  const { output } = response;
  if (!Array.isArray(output)) throw new Unreadable("it has no list of output", response);
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const items = (output as readonly JsonValue[]).map((given) => {
    if (!isJsonObject(given)) throw new Unreadable("an output item is not an object", response);
    const item = usualForm(given);
    if (!fits(item)) throw new Unreadable("an output item has the wrong shape", item);
    return item;
  });
  const { output_text: text } = response;
  // What OpenAI's own packages make of the items, and some servers send in their place.
  if (typeof text !== "string" || text === "" || items.flatMap(partsOf).some((part) => textOf(part).length > 0)) {
    return items;
  }
  return [...items, usualForm({ type: "message", content: text })];
}

interface GivenCall {
  readonly call: ToolCall;
  /** The item as it goes back. */
  readonly sent: JsonObject;
}

function callsOf(
  items: readonly JsonObject[],
  response: JsonObject,
  isCut: boolean,
): ReadonlyMap<JsonObject, GivenCall> {
  const asked = items.filter(isCall);
  const ids = callIds(
    asked.map(({ call_id: callId, id }) => (isId(callId) ? callId : id)),
    response.id,
  );
  const calls = new Map<JsonObject, GivenCall>();
  for (const [place, item] of asked.entries()) {
    const { name, arguments: given } = item;
    const id = ids[place] ?? "";
    if (typeof name !== "string" || name === "") throw new Unreadable("a function call has no name", response);
    const { json, ...parsed } = givenArguments(given, { isCut, isIncomplete: isPartial(item, false) });
    calls.set(item, { call: { id, name, ...parsed }, sent: { ...item, call_id: id, arguments: json } });
  }
  return calls;
}

/** The model's own: what tools of the vendor's were asked for may fail, and the model knows. */
function isOwnWord({ type }: JsonObject): boolean {
  return type === "message" || type === "function_call";
}

function isCall({ type }: JsonObject): boolean {
  return type === "function_call";
}

/** Why it is incomplete, where it says so; else how it stands. */
function reasonOf({ status, incomplete_details: details }: JsonObject): JsonValue | undefined {
  const reason = isJsonObject(details) ? stopWord(details.reason) : undefined;
  return reason ?? status;
}

/**
 * What is incomplete for a reason that nobody knows was cut short all the same, and so was a response of which a part is
 * not complete, by its own word.
 */
function stopOfResponse(
  word: JsonValue | undefined,
  { status }: JsonObject,
  items: readonly JsonObject[],
): Pick<Reply, "stopReason" | "stopDetail"> {
  const refuses = items.flatMap(partsOf).some(({ type }) => type === "refusal");
  const stop = stopOf(word, { hasCalls: items.some(isCall), refuses });
  const isKnown = ["max_tokens", "refusal"].includes(String(stopMeaning(word)));
  const isCut = status === "incomplete" || items.some((item) => isPartial(item, item === items.at(-1)));
  return isCut && !isKnown ? { ...stop, stopReason: "max_tokens" } : stop;
}

/**
 * It says itself that it is not complete: `in_progress`, `searching`, `incomplete`. After what is not the model's own word it
 * may have gone on; and pictures that are there are said to be still `generating`.
 */
function isPartial(item: JsonObject, isLast: boolean): boolean {
  const meaning = stopMeaning(item.status);
  if (stopWord(item.status) === undefined || meaning === "end" || meaning === "failed") return false;
  return isOwnWord(item) || (isLast && !RESULTS.some((key) => isSomething(item[key])));
}

/** Where what the vendor's tools have made is. */
const RESULTS = ["result", "results", "output", "outputs"];

/** Tools of OpenAI's own that cost beside the tokens. (https://platform.openai.com/docs/pricing) */
const FEES: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ["web_search_call", "a web search"],
  ["file_search_call", "a file search"],
  ["code_interpreter_call", "the code interpreter"],
  ["image_generation_call", "a generated image"],
]);

function fee(items: readonly JsonObject[]): string | undefined {
  return items.map(({ type }) => FEES.get(type)).find((name) => name !== undefined);
}
