import type { JsonObject } from "../../json.ts";
import type { Conversation, ToolDescription } from "../../process/model.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { allTools, requestParameters } from "../wire/parameters.ts";
import type { WireRequest } from "../wire/wire-model.ts";
import { anthropicMessages } from "./messages.ts";

/** Where `[parameters]` has no `max_tokens`: the API insists on a value. */
const DEFAULT_MAX_TOKENS = 8192;

export interface AnthropicRequestOptions {
  readonly name: string;
  readonly automaticCaching: boolean;
}

/**
 * Returns a function that makes the request for a conversation. The parameters go into the body as they are, but
 * for `extra_headers`; tools of the vendor's own in `parameters.tools` follow the program's tools.
 * @throws LLMProcError `program_invalid` for parameters that cannot be sent
 */
export function anthropicRequests(options: AnthropicRequestOptions): (conversation: Conversation) => WireRequest {
  const toMessages = anthropicMessages();
  const toTools = convertOnce((tools: readonly ToolDescription[]) =>
    tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
  );
  return (conversation) => {
    const { system, messages } = conversation;
    const { body, headers, tools: ownTools } = requestParameters(conversation, RULES);
    const tools = allTools(toTools(conversation.tools), ownTools);
    const payload: JsonObject = {
      model: options.name,
      max_tokens: DEFAULT_MAX_TOKENS,
      ...(options.automaticCaching && { cache_control: EPHEMERAL }),
      stream: true,
      ...body,
      ...(system.trim() !== "" && { system }),
      ...(tools !== undefined && { tools }),
      messages: toMessages(messages),
    };
    return { payload: Object.freeze(payload), headers };
  };
}

const RULES = { vendor: "Anthropic", taken: ["model", "messages"], system: "system" };

/** At the top of a request it marks the last block that can be cached; the blocks themselves stay as they are. */
const EPHEMERAL: JsonObject = Object.freeze({ type: "ephemeral" });
