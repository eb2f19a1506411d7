import type { WireFormat } from "../wire/wire-format.ts";
import { AnthropicAssembly } from "./assembly.ts";
import { anthropicReply, anthropicTexts } from "./reply.ts";
import { anthropicUsage } from "./usage.ts";

/** The Messages API. (https://platform.claude.com/docs/en/api/messages) */
export const anthropicFormat: WireFormat = {
  assembly: () => new AnthropicAssembly(),
  reply: (message) => anthropicReply(message, { usage: message.usage }),
  texts: anthropicTexts,
  usage: ({ usage }) => anthropicUsage(usage),
};
