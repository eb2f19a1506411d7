import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, ToolCall } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { offList } from "./off-list.ts";
import type { AiSdkResult } from "./result.ts";
import { unreadable } from "./result.ts";
import { inputArguments } from "./tool-input.ts";
import { aiSdkUsage } from "./usage.ts";

/**
 * The reply in a result. `provider` is the model object's own.
 * @throws ModelError if the model did not end it, or it cannot be answered
 */
export function aiSdkReply(result: AiSdkResult, provider: string): Reply {
  const usage = aiSdkUsage(result.usage, provider);
  const reason = finishReason(result.finishReason);
  if (reason.unified === "interrupted") {
    throw new ModelError(`The stream of ${provider} ended before the reply did.`, { connection: true, usage });
  }
  if (reason.unified === "error") {
    const raw = reason.raw === undefined ? "" : ` (${reason.raw})`;
    throw new ModelError(`${provider} ended its reply with an error${raw}.`, { connection: true, usage });
  }
  const content = result.content.filter((part) => !isEmpty(part));
  const toolCalls = content.flatMap((part) => toolCallsIn(part));
  const ids = new Set(toolCalls.map(({ id }) => id));
  if (ids.size < toolCalls.length) throw unreadable("two tool calls have the same id", content);
  const response = deepFreeze({
    ...definedOnly(result.response),
    ...definedOnly({ ...result, response: undefined }),
    content,
  });
  return Object.freeze({
    response,
    content: response.content,
    texts: Object.freeze(content.flatMap(textOf)),
    toolCalls: deepFreeze(toolCalls),
    usage,
    ...offList(result),
    stopReason: stopReason(reason.unified, toolCalls.length > 0),
  });
}

interface FinishReason {
  readonly unified: string;
  readonly raw: string | undefined;
}

/**
 * One word in specification 2, and two in later ones. Where a stream ended without a reason, some say so
 * (`interrupted`), others show it: `unknown`, or `other` with no word of the vendor's.
 */
function finishReason(value: JsonValue | undefined): FinishReason {
  const { unified, raw } = isJsonObject(value) ? value : { unified: value, raw: value };
  const word = typeof raw === "string" ? raw : undefined;
  if (typeof unified !== "string" || unified === "unknown" || (unified === "other" && word === undefined)) {
    return { unified: "interrupted", raw: word };
  }
  return { unified, raw: word };
}

function stopReason(unified: string, hasToolCalls: boolean): Reply["stopReason"] {
  if (unified === "length") return "max_tokens";
  if (unified === "content-filter") return "refusal";
  return hasToolCalls ? "tool_use" : "end";
}

/** A block that was opened and never filled. */
function isEmpty(part: JsonObject): boolean {
  return (part.type === "text" || part.type === "reasoning") && part.text === "" && part.providerMetadata === undefined;
}

function textOf({ type, text }: JsonObject): readonly string[] {
  return type === "text" && typeof text === "string" && text !== "" ? [text] : [];
}

/** Calls that the provider runs itself are not ours. */
function toolCallsIn(part: JsonObject): readonly ToolCall[] {
  if (part.type !== "tool-call" || part.providerExecuted === true) return [];
  const { toolCallId: id, toolName: name, input } = part;
  if (typeof id !== "string" || id === "" || typeof name !== "string") {
    throw unreadable("a tool call has no id or no name", part);
  }
  return [{ id, name, ...inputArguments(input) }];
}

function definedOnly(values: object): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject;
}
