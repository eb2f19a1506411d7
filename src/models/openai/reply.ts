import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject, wellFormed } from "../../json.ts";
import type { Reply, TokenUsage, ToolCall } from "../../process/model.ts";
import { offListFacts } from "../wire/off-list.ts";
import { tokenCount } from "../wire/token-count.ts";
import { parsedArguments } from "../wire/tool-arguments.ts";
import { BrokenOff, Unreadable } from "../wire/wire-format.ts";
import { offListTier } from "./service-tier.ts";

/**
 * The reply in a whole response, however it arrived. Its content is the output items, as they go back to OpenAI.
 * @throws Unreadable if it is no response; BrokenOff if it says that it failed
 */
export function responsesReply(response: JsonObject): Reply {
  const { status } = response;
  if (status === "failed" || status === "cancelled") throw new BrokenOff(response);
  const items = itemsOf(response);
  const toolCalls = items.filter(isCall).map((item) => toolCall(item, response));
  const ids = new Set(toolCalls.map(({ id }) => id));
  if (ids.size < toolCalls.length) throw new Unreadable("two function calls have the same id", response);
  const parts = items.flatMap(partsOf);
  return deepFreeze<Reply>({
    response,
    content: items.map((item) => (isCall(item) ? sendable(item) : item)),
    texts: parts.flatMap(textOf),
    toolCalls,
    usage: responsesUsage(response),
    ...offListFacts(offListTier(response.service_tier), fee(items)),
    stopReason: stopReason(response, parts, toolCalls.length > 0),
  });
}

/** The counts of a response; undefined where they are missing or make no sense. */
export function responsesUsage({ usage }: JsonObject): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = isJsonObject(usage.input_tokens_details) ? usage.input_tokens_details : {};
  const output = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const { input_tokens: inputs, output_tokens: outputs } = usage;
  const { cached_tokens: read = 0, cache_write_tokens: written = 0 } = input;
  const { reasoning_tokens: reasoning } = output;
  const counts = [inputs, outputs, read ?? 0, written ?? 0, reasoning ?? 0].map(tokenCount);
  if (!counts.every((count) => count !== undefined)) return undefined;
  const [inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0] = counts;
  return Object.freeze({
    inputTokens,
    outputTokens,
    ...(reasoning != null && { reasoningTokens }),
    cacheReadTokens,
    cacheWriteTokens,
  });
}

function itemsOf(response: JsonObject): readonly JsonObject[] {
  const { output } = response;
  if (!Array.isArray(output)) throw new Unreadable("it has no list of output", response);
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return (output as readonly JsonValue[]).map((item) => {
    if (!isJsonObject(item)) throw new Unreadable("an output item is not an object", response);
    if (!fits(item)) throw new Unreadable("an output item has the wrong shape", item);
    return item;
  });
}

/** What OpenAI would not take back must not enter a conversation: it could never go on. Unknown items may be anything. */
function fits({ type, role, content, summary }: JsonObject): boolean {
  if (type === "message") {
    return role === "assistant" && Array.isArray(content) && (content as readonly JsonValue[]).every(isPart);
  }
  if (type === "reasoning") return Array.isArray(summary) && (summary as readonly JsonValue[]).every(isPart);
  return typeof type === "string" && type !== "";
}

function isPart(part: JsonValue): boolean {
  if (!isJsonObject(part)) return false;
  const { type, text, refusal } = part;
  if (type === "output_text" || type === "summary_text") return typeof text === "string";
  return type === "refusal" ? typeof refusal === "string" : typeof type === "string" && type !== "";
}

function isCall({ type }: JsonObject): boolean {
  return type === "function_call";
}

function toolCall({ call_id: id, name, arguments: json }: JsonObject, response: JsonObject): ToolCall {
  if (typeof id !== "string" || id === "" || typeof name !== "string" || name === "") {
    throw new Unreadable("a function call has no id or no name", response);
  }
  if (typeof json !== "string") throw new Unreadable("the arguments of a function call are no text", response);
  return { id, name, ...parsedArguments(json) };
}

/** Arguments that are not JSON, as those of a reply that was cut off, are not sent back; nor is half of a surrogate pair. */
function sendable(item: JsonObject): JsonObject {
  const { arguments: json } = item;
  const parsed = parsedArguments(typeof json === "string" ? json : "");
  if (typeof json !== "string" || parsed.invalid !== undefined) return { ...item, arguments: "{}" };
  const args = wellFormed(parsed.args);
  return args === parsed.args ? item : { ...item, arguments: JSON.stringify(args) };
}

/** Of the messages; other items have no text of the model's. */
function partsOf({ type, content }: JsonObject): readonly JsonObject[] {
  if (type !== "message" || !Array.isArray(content)) return [];
  return (content as readonly JsonValue[]).filter(isJsonObject);
}

function textOf({ type, text, refusal }: JsonObject): readonly string[] {
  const said = type === "output_text" ? text : type === "refusal" ? refusal : undefined;
  return typeof said === "string" && said !== "" ? [said] : [];
}

function stopReason(
  { status, incomplete_details: details }: JsonObject,
  parts: readonly JsonObject[],
  hasCalls: boolean,
): Reply["stopReason"] {
  if (status === "incomplete") {
    return isJsonObject(details) && details.reason === "content_filter" ? "refusal" : "max_tokens";
  }
  if (hasCalls) return "tool_use";
  return parts.some(({ type }) => type === "refusal") ? "refusal" : "end";
}

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
