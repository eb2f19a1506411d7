import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage, ToolCall } from "../../process/model.ts";
import { offListFacts } from "../wire/off-list.ts";
import { tokenCount } from "../wire/token-count.ts";
import { checkedArguments, parsedArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";

/** A message of Anthropic's, and for its blocks (by index) whose input was not JSON: what arrived instead. */
export interface AnthropicMessageReply {
  readonly message: JsonObject;
  readonly unparsed: ReadonlyMap<number, string>;
}

/**
 * The reply in a whole message, however it arrived. Blocks that are not known here are kept as they are.
 * @throws Unreadable if it is not a message
 */
export function anthropicReply({ message, unparsed }: AnthropicMessageReply): Reply {
  const blocks = contentOf(message);
  const toolCalls = blocks.flatMap((block, index) =>
    block.type === "tool_use" ? [toolCall(block, unparsed.get(index), message)] : [],
  );
  const ids = new Set(toolCalls.map(({ id }) => id));
  if (ids.size < toolCalls.length) throw new Unreadable("two tool calls have the same id", message);
  const content = blocks.map((block) => (block.type === "tool_use" ? sendable(block) : block));
  const response = deepFreeze({ ...message, content });
  return Object.freeze({
    response,
    content: response.content,
    texts: Object.freeze(blocks.flatMap(textOf)),
    toolCalls: deepFreeze(toolCalls),
    usage: anthropicUsage(message.usage),
    ...offListFacts(otherRate(message.usage), searchFee(message.usage)),
    stopReason: stopReason(message.stop_reason, toolCalls.length > 0),
  });
}

/** The counts of a `usage` object; undefined where they are missing or make no sense. */
export function anthropicUsage(usage: JsonValue | undefined): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const creation = isJsonObject(usage.cache_creation) ? usage.cache_creation : {};
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const fresh = tokenCount(usage.input_tokens);
  const output = tokenCount(usage.output_tokens);
  const read = tokenCount(usage.cache_read_input_tokens ?? 0);
  const write = tokenCount(usage.cache_creation_input_tokens ?? 0);
  const write1h = tokenCount(creation.ephemeral_1h_input_tokens ?? 0);
  const counts = [fresh, output, read, write, write1h];
  if (!counts.every((value) => value !== undefined)) return undefined;
  const [freshTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0, cacheWrite1hTokens = 0] = counts;
  const reasoningTokens = tokenCount(details.thinking_tokens);
  return Object.freeze({
    inputTokens: freshTokens + cacheReadTokens + cacheWriteTokens,
    outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    cacheReadTokens,
    cacheWriteTokens,
    ...(cacheWrite1hTokens > 0 && { cacheWrite1hTokens }),
  });
}

/** Why the rates of the list do not hold. (https://platform.claude.com/docs/en/about-claude/pricing) */
function otherRate(usage: JsonValue | undefined): string | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { service_tier: tier, speed, inference_geo: geo } = usage;
  if (typeof tier === "string" && tier !== "standard") return `the service tier "${tier}"`;
  if (typeof speed === "string" && speed !== "standard") return `the speed "${speed}"`;
  return geo === "us" ? `inference in "us" only` : undefined;
}

function searchFee(usage: JsonValue | undefined): string | undefined {
  const tools = isJsonObject(usage) && isJsonObject(usage.server_tool_use) ? usage.server_tool_use : {};
  const searches = tokenCount(tools.web_search_requests) ?? 0;
  return searches === 0 ? undefined : `${searches} web searches`;
}

function contentOf(message: JsonObject): readonly JsonObject[] {
  const { content } = message;
  if (!Array.isArray(content)) throw new Unreadable("it has no list of content", message);
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const blocks = content as readonly JsonValue[];
  return blocks.map((block) => {
    if (!isJsonObject(block)) throw new Unreadable("a content block is not an object", message);
    if (!fits(block)) throw new Unreadable("a content block has the wrong shape", block);
    return block;
  });
}

/** What the API would not take back must not enter a conversation: it could never go on. Unknown blocks may be anything. */
function fits({ type, ...block }: JsonObject): boolean {
  if (type === "text") return typeof block.text === "string";
  if (type === "thinking") return typeof block.thinking === "string" && typeof (block.signature ?? "") === "string";
  return typeof type === "string" && type !== "";
}

function textOf(block: JsonObject): readonly string[] {
  return block.type === "text" && typeof block.text === "string" && block.text !== "" ? [block.text] : [];
}

function toolCall(block: JsonObject, unparsed: string | undefined, message: JsonObject): ToolCall {
  const { id, name, input = {} } = block;
  if (typeof id !== "string" || id === "" || typeof name !== "string" || name === "") {
    throw new Unreadable("a tool call has no id or no name", message);
  }
  return { id, name, ...(unparsed === undefined ? checkedArguments(input) : parsedArguments(unparsed)) };
}

/** The API takes back only objects as `input`. */
function sendable(block: JsonObject): JsonObject {
  return isJsonObject(block.input) ? block : { ...block, input: {} };
}

/**
 * `pause_turn` means that the model wants to go on after a long stretch of the vendor's own tools, by getting its
 * message back: that is `tool_use`, with no call of ours to answer. What the loop makes of it is the loop's.
 * (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons)
 */
function stopReason(value: JsonValue | undefined, hasToolCalls: boolean): Reply["stopReason"] {
  switch (value) {
    case "max_tokens":
    case "model_context_window_exceeded":
      return "max_tokens";
    case "refusal":
      return "refusal";
    case "tool_use":
    case "pause_turn":
      return "tool_use";
    default:
      return hasToolCalls ? "tool_use" : "end";
  }
}
