import type { Facts } from "../../events/facts.ts";
import type { Message } from "../../events/message.ts";
import type { ReplySeed } from "../../events/seed.ts";
import type { Reply, ToolCall } from "../contract/model.ts";
import type { SpokenCall } from "./spoken.ts";
import { readSpoken } from "./spoken.ts";

/** A whole reply, and the message that the conversation keeps of it. */
export interface Arrived {
  readonly reply: Reply;
  /** Those of its texts in which there is something to see. */
  readonly texts: readonly string[];
  readonly message: Message;
}

export function arrived(reply: Reply): Arrived {
  const texts = reply.texts.every(saysSomething) ? reply.texts : reply.texts.filter(saysSomething);
  return { reply, texts, message: { role: "assistant", content: reply.content, text: texts.join("\n") } };
}

/** What a reply says beyond its message. */
export function replyFacts({ stopReason, stopDetail, complaint, toolCalls }: Reply): Facts {
  const unreadCalls = toolCalls.flatMap(({ id: callId, invalid: problem }) =>
    problem === undefined ? [] : [{ callId, problem }],
  );
  return {
    stopReason,
    ...(stopDetail !== undefined && { stopDetail }),
    ...(complaint !== undefined && { complaint }),
    ...(unreadCalls.length > 0 && { unreadCalls }),
  };
}

/** A reply that had come where a seed was taken: its message says what the loop needs of it, and its facts the rest. */
export function arrivedBefore({
  response,
  message,
  stopReason,
  stopDetail,
  complaint,
  unreadCalls,
}: ReplySeed): Arrived {
  const content = message.role === "assistant" ? message.content : [];
  const parts = readSpoken(content).parts.flat();
  const texts = parts.flatMap((part) => (part.kind === "text" && saysSomething(part.text) ? [part.text] : []));
  const problems = new Map(unreadCalls?.map(({ callId, problem }) => [callId, problem]));
  const toolCalls = parts.flatMap((part) => (part.kind === "call" ? [callOf(part, problems.get(part.id))] : []));
  const said = {
    stopReason,
    ...(stopDetail !== undefined && { stopDetail }),
    ...(complaint !== undefined && { complaint }),
  };
  const reply = { response, content, texts, toolCalls, usage: undefined, ...said };
  return { reply, texts, message };
}

function callOf({ id, name, args }: SpokenCall, invalid: string | undefined): ToolCall {
  return invalid === undefined ? { id, name, args } : { id, name, args, invalid };
}

/** Whether there is anything in a text that a person could see. */
export function saysSomething(text: string): boolean {
  return VISIBLE.test(text);
}

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
