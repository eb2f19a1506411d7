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

/** A reply that had come where a seed was taken: its message says what the loop needs of it. */
export function arrivedBefore({ response, message, stopReason }: ReplySeed): Arrived {
  const content = message.role === "assistant" ? message.content : [];
  const parts = readSpoken(content).parts.flat();
  const texts = parts.flatMap((part) => (part.kind === "text" && saysSomething(part.text) ? [part.text] : []));
  const toolCalls = parts.flatMap((part) => (part.kind === "call" ? [callOf(part)] : []));
  const reply = { response, content, texts, toolCalls, usage: undefined, stopReason };
  return { reply, texts, message };
}

function callOf({ id, name, args, isUnreadable }: SpokenCall): ToolCall {
  return isUnreadable
    ? { id, name, args, invalid: "The arguments could not be read as a JSON object." }
    : { id, name, args };
}

/** Whether there is anything in a text that a person could see. */
export function saysSomething(text: string): boolean {
  return VISIBLE.test(text);
}

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
