import type { WireFormat } from "../wire/wire-format.ts";
import { AnthropicAssembly } from "./assembly.ts";
import { anthropicReply, anthropicUsage } from "./reply.ts";

/** The Messages API. (https://platform.claude.com/docs/en/api/messages) */
export const anthropicFormat: WireFormat = {
  assembly: () => new AnthropicAssembly(),
  reply: (message) => anthropicReply({ message, unparsed: new Map() }),
  usage: ({ usage }) => anthropicUsage(usage),
};
