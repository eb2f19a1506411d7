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
export function replyFacts(reply: Reply): Facts {
  const unreadCalls = reply.toolCalls.flatMap(({ id: callId, invalid: problem }) =>
    problem === undefined ? [] : [{ callId, problem }],
  );
  return {
    ...stopFacts(reply),
    ...(unreadCalls.length > 0 && { unreadCalls }),
  };
}

/** A reply that had come where a seed was taken: its message says what the loop needs of it, and its facts the rest. */
export function arrivedBefore(seed: ReplySeed): Arrived {
  const { response, message, unreadCalls } = seed;
  const content = message.role === "assistant" ? message.content : [];
  const parts = readSpoken(content).parts.flat();
  const texts = parts.flatMap((part) => (part.kind === "text" && saysSomething(part.text) ? [part.text] : []));
  const problems = new Map(unreadCalls?.map(({ callId, problem }) => [callId, problem]));
  const toolCalls = parts.flatMap((part) => (part.kind === "call" ? [callOf(part, problems.get(part.id))] : []));
  const reply = { response, content, texts, toolCalls, usage: undefined, ...stopFacts(seed) };
  return { reply, texts, message };
}

/** Why it stopped. */
function stopFacts({ stopReason, stopDetail, complaint }: Reply | ReplySeed) {
  return {
    stopReason,
    ...(stopDetail !== undefined && { stopDetail }),
    ...(complaint !== undefined && { complaint }),
  };
}

function callOf({ id, name, args }: SpokenCall, invalid: string | undefined): ToolCall {
  return invalid === undefined ? { id, name, args } : { id, name, args, invalid };
}

/** Whether there is anything in a text that a person could see. */
export function saysSomething(text: string): boolean {
  return VISIBLE.test(text);
}

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
