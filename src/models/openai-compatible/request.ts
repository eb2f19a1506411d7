import type { JsonObject } from "../../json.ts";
import type { Conversation, ToolDescription } from "../../process/contract/model.ts";
import { Additions } from "../wire/additions.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { allTools, requestParameters } from "../wire/parameters.ts";
import { objectSchema } from "../wire/tool-schema.ts";
import type { WireRequest } from "../wire/wire-request.ts";
import { chatMessages } from "./messages.ts";

export interface ChatRequestOptions {
  readonly name: string;
  /** For errors. */
  readonly vendor: string;
  readonly sendReasoning: boolean;
}

/**
 * Returns a function that makes the request for a conversation. The parameters go into the body as they are, but
 * for `extra_headers`; the vendor's own tools in `parameters.tools` follow the program's.
 * @throws LLMProcError `program_invalid` for parameters that cannot be sent
 */
export function chatRequests({
  name,
  vendor,
  sendReasoning,
}: ChatRequestOptions): (conversation: Conversation) => WireRequest {
  const toMessages = chatMessages({ sendReasoning, vendor });
  const toTools = convertOnce((tools: readonly ToolDescription[]) => tools.map(chatTool));
  const additions = new Additions();
  return (conversation) => {
    const { body, headers, tools: ownTools } = requestParameters(conversation, { vendor, taken: TAKEN });
    const tools = allTools(toTools(conversation.tools), ownTools);
    const { stream = body.stream } = additions.for(body, STREAM);
    // Without streaming, the usage is always there, and the option is refused.
    const added = additions.for(body, stream === true ? STREAM_WITH_USAGE : STREAM);
    const payload: JsonObject = {
      model: name,
      ...added,
      ...body,
      ...(tools !== undefined && { tools }),
      messages: toMessages(conversation),
    };
    return { payload: Object.freeze(payload), headers, added, additions };
  };
}

const TAKEN = ["model", "messages"];
const STREAM: JsonObject = Object.freeze({ stream: true });
const STREAM_WITH_USAGE: JsonObject = Object.freeze({
  stream: true,
  stream_options: Object.freeze({ include_usage: true }),
});

function chatTool({ name, description, parameters }: ToolDescription): JsonObject {
  return { type: "function", function: { name, description, parameters: objectSchema(parameters) } };
}
