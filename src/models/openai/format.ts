import type { WireFormat } from "../wire/wire-format.ts";
import { ResponsesAssembly } from "./assembly.ts";
import { responsesReply, responsesTexts, responsesUsage } from "./reply.ts";

/** The Responses API. (https://platform.openai.com/docs/api-reference/responses) */
export const responsesFormat: WireFormat = {
  assembly: () => new ResponsesAssembly(),
  reply: responsesReply,
  texts: responsesTexts,
  usage: responsesUsage,
};
