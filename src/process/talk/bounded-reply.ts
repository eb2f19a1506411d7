import type { JsonValue } from "../../json.ts";
import { define } from "../../json.ts";
import type { Reply, ToolCall } from "../contract/model.ts";

/** Deeper than any real argument. What walks through a value by recursion, as JSON.stringify does, is safe there. */
const MOST_LEVELS = 256;
/** Around the arguments of a call, a reply has levels of its own. */
const MOST_REPLY_LEVELS = MOST_LEVELS + 32;

/** Why values cannot be arguments, in words for whoever wrote them. */
export const TOO_DEEP = `The arguments are nested more than ${MOST_LEVELS} levels deep. Nest them less.`;

/** Whether something is nested deeper than arguments, or a prompt, may be. */
export function isTooDeep(value: unknown): boolean {
  return isDeeper(value, MOST_LEVELS);
}

/** Whether a conversation is nested deeper than replies can make it: around each, there are its message and the list. */
export function isConversationTooDeep(messages: unknown): boolean {
  return isDeeper(messages, MOST_REPLY_LEVELS + 2);
}

/**
 * A reply of which nothing is nested so deep that whoever reads it would fail: the conversation would fail with it, each
 * time that it is sent. Calls with such arguments do not run; the rest is left out where it lies too deep.
 */
export function boundedReply(reply: Reply): Reply {
  const { toolCalls, content, response } = reply;
  const isFine = !toolCalls.some(({ args }) => isTooDeep(args)) && !isDeeper(content, MOST_REPLY_LEVELS);
  if (isFine && !isDeeper(response, MOST_REPLY_LEVELS)) return reply;
  return {
    ...reply,
    toolCalls: toolCalls.map(boundedCall),
    content: pruned(content),
    response: pruned(response),
  };
}

function boundedCall(call: ToolCall): ToolCall {
  return isTooDeep(call.args) ? { ...call, args: {}, invalid: TOO_DEEP } : call;
}

/** By recursion, which has an end here. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeper(item, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    if (isDeeper((value as Readonly<Record<string, unknown>>)[key], levels - 1)) return true;
  }
  return false;
}

/** A copy with null for what lies too deep. */
function pruned<T>(value: T, levels = MOST_REPLY_LEVELS): T {
  if (typeof value !== "object" || value === null) return value;
  // A border post: what stands there is JSON still, only less.
  if (levels === 0) return null as T;
  if (Array.isArray(value)) return value.map((item: JsonValue) => pruned(item, levels - 1)) as T;
  const copy = {};
  for (const [key, item] of Object.entries(value)) define(copy, key, pruned(item as JsonValue, levels - 1));
  return copy as T;
}
