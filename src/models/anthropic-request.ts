import { describe, LLMProcError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { deepFreeze, isJsonObject } from "../json.ts";
import type { Conversation, ToolDescription } from "../process/model.ts";
import { anthropicMessages } from "./anthropic-messages.ts";

/** Where `[parameters]` has no `max_tokens`: the API insists on a value. */
const DEFAULT_MAX_TOKENS = 8192;

export interface AnthropicRequest {
  /** The body, deeply frozen. */
  readonly payload: JsonObject;
  /** `extra_headers` of the parameters. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AnthropicRequestOptions {
  readonly name: string;
  readonly automaticCaching: boolean;
}

/**
 * Returns a function that makes the request for a conversation. The parameters go into the body as they are, but
 * for `extra_headers`; tools of the vendor's own in `parameters.tools` follow the program's tools.
 * @throws LLMProcError `program_invalid` for parameters that cannot be sent
 */
export function anthropicRequests(options: AnthropicRequestOptions): (conversation: Conversation) => AnthropicRequest {
  const toMessages = anthropicMessages();
  const toTools = anthropicTools();
  return ({ system, messages, tools, parameters }) => {
    const { extra_headers: extraHeaders, ...rest } = parameters;
    refuseConflicts(rest, system);
    const ownTools = vendorTools(rest.tools);
    const payload: JsonObject = {
      model: options.name,
      max_tokens: DEFAULT_MAX_TOKENS,
      ...(options.automaticCaching && { cache_control: EPHEMERAL }),
      stream: true,
      ...rest,
      ...(system.trim() !== "" && { system }),
      ...(tools.length > 0 && { tools: ownTools.length === 0 ? toTools(tools) : join(toTools(tools), ownTools) }),
      messages: toMessages(messages),
    };
    return { payload: Object.freeze(payload), headers: toHeaders(extraHeaders) };
  };
}

/** At the top of a request it marks the last block that can be cached; the blocks themselves stay as they are. */
const EPHEMERAL: JsonObject = Object.freeze({ type: "ephemeral" });

function anthropicTools(): (tools: readonly ToolDescription[]) => readonly JsonObject[] {
  const converted = new WeakMap<readonly ToolDescription[], readonly JsonObject[]>();
  return (tools) => {
    let list = converted.get(tools);
    if (list === undefined) {
      list = deepFreeze(
        tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
      );
      converted.set(tools, list);
    }
    return list;
  };
}

function join(tools: readonly JsonObject[], ownTools: readonly JsonValue[]): readonly JsonValue[] {
  return Object.freeze([...tools, ...ownTools]);
}

function vendorTools(tools: JsonValue | undefined): readonly JsonValue[] {
  if (tools === undefined) return [];
  if (Array.isArray(tools)) return tools;
  throw invalid(`"tools" must be a list of Anthropic's own tools, not ${describe(tools)}.`);
}

function refuseConflicts(parameters: JsonObject, system: string): void {
  for (const key of ["model", "messages"]) {
    if (key in parameters) throw invalid(`"${key}" cannot be set here: it is the program's model and conversation.`);
  }
  if ("system" in parameters && system.trim() !== "") {
    throw invalid(`"system" cannot be set beside the program's system prompt: keep one of the two.`);
  }
}

function toHeaders(value: JsonValue | undefined): Record<string, string> {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw invalid(`"extra_headers" must be a table of texts, not ${describe(value)}.`);
  return checkedHeaders(value, "parameters.extra_headers");
}

/** Says which header is wrong, never its value: it may be a secret. */
export function checkedHeaders(headers: Readonly<Record<string, unknown>>, where: string): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (typeof value !== "string") throw new TypeError("not a text");
      new Headers([[name, value]]);
      checked[name] = value;
    } catch {
      throw new LLMProcError(
        "program_invalid",
        `The header ${describe(name)} in ${where} cannot be sent. Header values are texts on one line.`,
      );
    }
  }
  return checked;
}

function invalid(message: string): LLMProcError {
  return new LLMProcError("program_invalid", `Wrong [parameters] for an Anthropic model: ${message}`);
}
