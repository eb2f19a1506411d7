import { describe, LLMProcError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Conversation } from "../../process/contract/model.ts";
import { checkedHeaders, kindOf } from "./headers.ts";

/** What the parameters of a program say about a request. */
export interface RequestParameters {
  /** What goes into the body as it is. */
  readonly body: JsonObject;
  /** The vendor's own tools: they follow the program's. */
  readonly tools: readonly JsonValue[];
  /** `extra_headers`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ParameterRules {
  readonly vendor: string;
  /** Keys that the program's model and conversation are sent under. */
  readonly taken: readonly string[];
  /** The key that the system prompt is sent under. */
  readonly system?: string;
}

/** @throws LLMProcError `program_invalid` for parameters that cannot be sent */
export function requestParameters(
  { parameters, system }: Conversation,
  { vendor, taken, system: systemKey }: ParameterRules,
): RequestParameters {
  const invalid = (message: string) =>
    new LLMProcError("program_invalid", `Wrong [parameters] for the API of ${vendor}: ${message}`);
  const { extra_headers: headers = {}, tools = [], ...body } = parameters;
  for (const key of taken) {
    if (key in body) throw invalid(`"${key}" cannot be set here: it is the program's model and conversation.`);
  }
  if (systemKey !== undefined && systemKey in body && system.trim() !== "") {
    throw invalid(`"${systemKey}" cannot be set beside the program's system prompt: keep one of the two.`);
  }
  if (!Array.isArray(tools)) throw invalid(`"tools" must be a list of the vendor's own tools, not ${describe(tools)}.`);
  if (!isJsonObject(headers)) throw invalid(`"extra_headers" must be a table of texts, not ${kindOf(headers)}.`);
  return { body, tools, headers: checkedHeaders(headers, "parameters.extra_headers") };
}

/** The program's tools, then the vendor's; undefined where there are none. */
export function allTools(tools: readonly JsonObject[], own: readonly JsonValue[]): readonly JsonValue[] | undefined {
  if (own.length === 0) return tools.length === 0 ? undefined : tools;
  return Object.freeze([...tools, ...own]);
}
