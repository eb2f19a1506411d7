import type { Message } from "../../events/message.ts";
import type { Reply } from "../contract/model.ts";

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

/** Whether there is anything in a text that a person could see. */
export function saysSomething(text: string): boolean {
  return VISIBLE.test(text);
}

const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;
