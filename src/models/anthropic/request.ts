import type { JsonObject } from "../../json.ts";
import type { Conversation, ToolDescription } from "../../process/contract/model.ts";
import { Additions } from "../wire/additions.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { allTools, requestParameters } from "../wire/parameters.ts";
import type { WireRequest } from "../wire/wire-request.ts";
import type { AnthropicMessage } from "./messages.ts";
import { anthropicMessages } from "./messages.ts";

/** Where `[parameters]` has no `max_tokens`: the API insists on a value. */
const DEFAULT_MAX_TOKENS = 8192;

export interface AnthropicRequestOptions {
  /** For errors. */
  readonly vendor: string;
  /** What the body begins with. */
  readonly leading: JsonObject;
  /** Asks for a cache of the whole request, or marks its last block, where the API takes no more than that. */
  readonly caching: "request" | "last_block" | "none";
}

/**
 * Returns a function that makes the request for a conversation. The parameters go into the body as they are, but
 * for `extra_headers`; tools of the vendor's own in `parameters.tools` follow the program's tools.
 * @throws LLMProcError `program_invalid` for parameters that cannot be sent
 */
export function anthropicRequests(options: AnthropicRequestOptions): (conversation: Conversation) => WireRequest {
  const toMessages = anthropicMessages(options.vendor);
  const toTools = convertOnce((tools: readonly ToolDescription[]) =>
    tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
  );
  const additions = new Additions();
  const wanted = options.caching === "request" ? STREAM_AND_CACHE : STREAM;
  return (conversation) => {
    const { system, messages } = conversation;
    const { body, headers, tools: ownTools } = requestParameters(conversation, { ...RULES, vendor: options.vendor });
    const tools = allTools(toTools(conversation.tools), ownTools);
    const list = toMessages(messages);
    const added = additions.for(body, wanted);
    const payload: JsonObject = {
      ...options.leading,
      max_tokens: DEFAULT_MAX_TOKENS,
      ...added,
      ...body,
      ...(system.trim() !== "" && { system }),
      ...(tools !== undefined && { tools }),
      messages: options.caching === "last_block" ? withMark(list) : list,
    };
    return { payload: Object.freeze(payload), headers, added, additions };
  };
}

const RULES = { taken: ["model", "messages"], system: "system" };

/** At the top of a request it marks the last block that can be cached; the blocks themselves stay as they are. */
const EPHEMERAL: JsonObject = Object.freeze({ type: "ephemeral" });

const STREAM: JsonObject = Object.freeze({ stream: true });
const STREAM_AND_CACHE: JsonObject = Object.freeze({ cache_control: EPHEMERAL, stream: true });

/** The same messages, the last block of the last one marked. */
function withMark(messages: readonly AnthropicMessage[]): readonly AnthropicMessage[] {
  const message = messages.at(-1);
  const block = message?.content.at(-1);
  if (message === undefined || block === undefined) return messages;
  const content = Object.freeze([
    ...message.content.slice(0, -1),
    Object.freeze({ ...block, cache_control: EPHEMERAL }),
  ]);
  return Object.freeze([...messages.slice(0, -1), Object.freeze({ ...message, content })]);
}
