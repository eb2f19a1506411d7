import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject, wellFormed } from "../../json.ts";
import type { Reply, ToolCall } from "../../process/model.ts";
import { offListTier } from "../openai/service-tier.ts";
import { offListFacts } from "../wire/off-list.ts";
import { checkedArguments, parsedArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { textsOf } from "./message-text.ts";
import { chatCost, chatUsage } from "./usage.ts";

/**
 * The reply in a whole answer, however it arrived. Its content is one block: the message, as it goes back to the server.
 * @throws Unreadable if there is no message in it
 */
export function chatReply(answer: JsonObject): Reply {
  const choice = firstChoice(answer);
  const message = isJsonObject(choice.message) ? choice.message : undefined;
  if (message === undefined) throw new Unreadable("it has no message", answer);
  if (!fits(message)) throw new Unreadable("its message has the wrong shape", message);
  const calls = callsOf(message, answer);
  const texts = textsOf(message);
  const usdCost = chatCost(answer);
  return deepFreeze<Reply>({
    response: answer,
    content: [sendable(message, calls)],
    texts,
    toolCalls: calls.map(({ call }) => call),
    usage: chatUsage(answer),
    ...(usdCost !== undefined && { usdCost }),
    ...offListFacts(offListTier(answer.service_tier), fee(message)),
    stopReason: stopReason(choice.finish_reason, message, calls.length > 0),
  });
}

/** What a server would not take back must not enter a conversation: it could never go on. */
function fits({ content, refusal, reasoning, reasoning_content: thought, reasoning_details: details }: JsonObject) {
  const texts = [refusal, reasoning, thought];
  if (!texts.every((text) => text === undefined || text === null || typeof text === "string")) return false;
  if (details !== undefined && details !== null && !isListOf(details, isJsonObject)) return false;
  return content === undefined || content === null || typeof content === "string" || isListOf(content, isPart);
}

function isPart(part: JsonValue): boolean {
  return isJsonObject(part) && typeof part.type === "string" && (part.type !== "text" || typeof part.text === "string");
}

function isListOf(value: JsonValue, isItem: (item: JsonValue) => boolean): boolean {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(value) && (value as readonly JsonValue[]).every(isItem);
}

interface GivenCall {
  readonly call: ToolCall;
  /** As it goes back. */
  readonly sent: JsonObject;
}

function firstChoice(answer: JsonObject): JsonObject {
  const [choice] = Array.isArray(answer.choices) ? (answer.choices as readonly JsonValue[]) : [];
  if (!isJsonObject(choice)) throw new Unreadable("it has no choices", answer);
  return choice;
}

function callsOf({ tool_calls: list }: JsonObject, answer: JsonObject): readonly GivenCall[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new Unreadable("its tool calls are no list", answer);
  const ids = new Set<string>();
  return (list as readonly JsonValue[]).map((value, place) => {
    const id = isJsonObject(value) && typeof value.id === "string" ? value.id : "";
    const own = id !== "" && !ids.has(id) ? id : madeId(answer, place, ids);
    ids.add(own);
    return givenCall(value, own, answer);
  });
}

/** Some servers give no ids, or the same to all; results could not be told apart. */
function madeId({ id }: JsonObject, place: number, taken: ReadonlySet<string>): string {
  const base = `${typeof id === "string" && id !== "" ? id : "call"}_${place + 1}`;
  let made = base;
  for (let again = 2; taken.has(made); again++) made = `${base}_${again}`;
  return made;
}

function givenCall(value: JsonValue, id: string, answer: JsonObject): GivenCall {
  const { index: _index, ...given } = isJsonObject(value) ? value : {};
  const custom = isJsonObject(given.custom) ? given.custom : undefined;
  if (custom !== undefined && typeof custom.name === "string") {
    return { call: { id, name: custom.name, args: { input: custom.input ?? "" } }, sent: { ...given, id } };
  }
  const called = isJsonObject(given.function) ? given.function : {};
  const { name, arguments: json = "" } = called;
  if (typeof name !== "string" || name === "") throw new Unreadable("a tool call has no name", answer);
  const parsed = typeof json === "string" ? parsedArguments(json) : checkedArguments(json ?? {});
  const args = wellFormed(parsed.args);
  const isWhole = parsed.invalid === undefined && args === parsed.args;
  const isSendable = typeof json === "string" && isWhole && json.trim() !== "";
  const sent = isSendable ? called : { ...called, arguments: JSON.stringify(args) };
  return { call: { id, name, ...parsed }, sent: { ...given, id, type: "function", function: sent } };
}

/** What a server says and does not take back: nulls, but for the content, and what it tells of its sources. */
function sendable(message: JsonObject, calls: readonly GivenCall[]): JsonObject {
  const { role: _role, content = null, annotations: _annotations, tool_calls: _calls, audio, ...rest } = message;
  const said = Object.entries(rest).filter(([, value]) => value !== null);
  return {
    role: "assistant",
    content,
    ...Object.fromEntries(said),
    ...(isJsonObject(audio) && { audio: { id: audio.id } }),
    ...(calls.length > 0 && { tool_calls: calls.map(({ sent }) => sent) }),
  };
}

/** A search of the vendor's own costs beside the tokens. */
function fee({ annotations }: JsonObject): string | undefined {
  return Array.isArray(annotations) && annotations.length > 0 ? "a web search" : undefined;
}

function stopReason(given: JsonValue | undefined, message: JsonObject, hasCalls: boolean): Reply["stopReason"] {
  if (given === "length") return "max_tokens";
  if (given === "content_filter") return "refusal";
  // Some servers say `stop` also where the model calls tools.
  if (hasCalls) return "tool_use";
  return typeof message.refusal === "string" && message.refusal !== "" ? "refusal" : "end";
}
