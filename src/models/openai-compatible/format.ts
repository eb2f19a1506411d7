import type { WireFormat } from "../wire/wire-format.ts";
import { ChatAssembly } from "./assembly.ts";
import { chatReply, chatTexts } from "./reply.ts";
import { chatUsage } from "./usage.ts";

/** Chat Completions. (https://platform.openai.com/docs/api-reference/chat) */
export const chatFormat: WireFormat = {
  assembly: () => new ChatAssembly(),
  reply: chatReply,
  texts: chatTexts,
  usage: chatUsage,
};
