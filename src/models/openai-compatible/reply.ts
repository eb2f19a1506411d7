import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, ToolCall } from "../../process/contract/model.ts";
import { offListTier } from "../openai/service-tier.ts";
import { callIds } from "../wire/call-ids.ts";
import { offListFacts } from "../wire/off-list.ts";
import { isCutShort, stopOf, tellsPart } from "../wire/stop-reason.ts";
import { refuseFailed, refuseLost } from "../wire/told-error.ts";
import { givenArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { textsOf } from "./message-text.ts";
import { chatCost, chatUsage } from "./usage.ts";

/**
 * The reply in a whole answer, however it arrived. Its content is one block: the message, as it goes back to the server.
 * @throws Unreadable if there is no message in it; BrokenOff if it says that it failed
 */
export function chatReply(answer: JsonObject): Reply {
  const choice = firstChoice(answer);
  const message = messageIn(choice);
  const word = wordOf(choice);
  refuseFailed(word, choice.error, message?.error);
  if (message === undefined) throw new Unreadable("it has no message", answer);
  if (!fits(message)) throw new Unreadable("its message has the wrong shape", message);
  const list = callList(message, answer);
  const stop = stopOf(word, { hasCalls: list.length > 0, refuses: isText(message.refusal) });
  const calls = callsOf(list, answer, isCutShort(stop));
  const texts = textsOf(message);
  const sent = sendable(message, calls);
  const isEmpty = texts.length === 0 && Object.keys(sent).every((key) => key === "role" || key === "content");
  refuseLost(word, { answer, hasCalls: calls.length > 0, isEmpty });
  const usdCost = chatCost(answer);
  return deepFreeze<Reply>({
    response: answer,
    content: [sent],
    texts,
    toolCalls: calls.map(({ call }) => call),
    usage: chatUsage(answer),
    ...(usdCost !== undefined && { usdCost }),
    ...offListFacts(offListTier(answer.service_tier), fee(message)),
    ...stop,
  });
}

/** What is said in an answer, whatever else is wrong with it. */
export function chatTexts({ choices }: JsonObject): readonly string[] {
  const choice = lowest(Array.isArray(choices) ? choices.filter(isJsonObject) : []);
  return textsOf((choice && messageIn(choice)) ?? {});
}

/** Some servers have but a text in its place. */
function messageIn({ message, text }: JsonObject): JsonObject | undefined {
  const said = message ?? text;
  if (typeof said === "string") return { content: said };
  return isJsonObject(said) ? said : undefined;
}

/** Why it ended. Where a gateway says that it is whole, the vendor behind it may have said that it is not. */
function wordOf({ finish_reason: word, native_finish_reason: native }: JsonObject): JsonValue | undefined {
  return tellsPart(native) && !tellsPart(word) ? native : word;
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

function isText(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

interface GivenCall {
  readonly call: ToolCall;
  /** As it goes back. */
  readonly sent: JsonObject;
}

/** That of the lowest index: one counts from 0, another from 1. */
function firstChoice(answer: JsonObject): JsonObject {
  const choices = Array.isArray(answer.choices) ? (answer.choices as readonly JsonValue[]) : [];
  if (!choices.every(isJsonObject)) throw new Unreadable("a choice is not an object", answer);
  const first = lowest(choices);
  if (first === undefined) throw new Unreadable("it has no choices", answer);
  return first;
}

function lowest([first, ...others]: readonly JsonObject[]): JsonObject | undefined {
  return others.reduce((low, choice) => (low && indexOf(low) <= indexOf(choice) ? low : choice), first);
}

function indexOf({ index }: JsonObject): number {
  return typeof index === "number" ? index : Number.POSITIVE_INFINITY;
}

/** The calls of a message; the one that it may have in the form of before there were several. */
function callList(message: JsonObject, answer: JsonObject): readonly JsonObject[] {
  const { tool_calls: list, function_call: only } = message;
  if ((list ?? null) !== null && !Array.isArray(list)) throw new Unreadable("its tool calls are no list", answer);
  if (!Array.isArray(list) || list.length === 0) return isJsonObject(only) ? [{ function: only }] : [];
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return (list as readonly JsonValue[]).map((call) => (isJsonObject(call) ? call : {}));
}

function callsOf(list: readonly JsonObject[], answer: JsonObject, isCut: boolean): readonly GivenCall[] {
  const ids = callIds(
    list.map(({ id }) => id),
    answer.id,
  );
  return list.map((call, place) => givenCall(call, ids[place] ?? "", answer, isCut));
}

function givenCall({ index: _index, ...given }: JsonObject, id: string, answer: JsonObject, isCut: boolean): GivenCall {
  const custom = isJsonObject(given.custom) ? given.custom : undefined;
  if (custom !== undefined && typeof custom.name === "string") {
    return { call: { id, name: custom.name, args: { input: custom.input ?? "" } }, sent: { ...given, id } };
  }
  const called = isJsonObject(given.function) ? given.function : {};
  const { name } = called;
  if (typeof name !== "string" || name === "") throw new Unreadable("a tool call has no name", answer);
  const { json, ...parsed } = givenArguments(called.arguments, { isCut });
  return {
    call: { id, name, ...parsed },
    sent: { ...given, id, type: "function", function: { ...called, arguments: json } },
  };
}

/** What a server says and does not take back: nulls, but for the content, and what it tells of its sources. */
function sendable(message: JsonObject, calls: readonly GivenCall[]): JsonObject {
  const { role: _role, content = null, annotations: _annotations, tool_calls: _calls, audio, ...more } = message;
  const { function_call: _call, error: _error, ...rest } = more;
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
