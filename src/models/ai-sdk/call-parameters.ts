import { describe, LLMProcError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { checkedHeaders, kindOf } from "../wire/headers.ts";

/** `[parameters]` of a program, taken apart. */
export interface CallParameters {
  /** `stream = false` asks for the reply in one piece. */
  readonly streams: boolean;
  /** `extra_headers` */
  readonly headers: Readonly<Record<string, string>>;
  /** `provider_options`: what only the package can do with the request. */
  readonly providerOptions: JsonObject | undefined;
  /** All the others, in the vendor's own spelling. */
  readonly rest: JsonObject;
}

/** @throws LLMProcError `program_invalid` for parameters that cannot be sent */
export function callParameters(parameters: JsonObject): CallParameters {
  const { stream = true, extra_headers: headers = {}, provider_options: providerOptions, ...rest } = parameters;
  if (typeof stream !== "boolean") throw wrongParameter(`"stream" must be true or false, not ${describe(stream)}.`);
  if (!isJsonObject(headers)) throw wrongParameter(`"extra_headers" must be a table of texts, not ${kindOf(headers)}.`);
  if (providerOptions !== undefined && !isTableOfTables(providerOptions)) {
    throw wrongParameter(
      `"provider_options" must be a table with a table for each provider, as in provider_options.google, not ${describe(providerOptions)}.`,
    );
  }
  return { streams: stream, headers: checkedHeaders(headers, "parameters.extra_headers"), providerOptions, rest };
}

export function wrongParameter(message: string): LLMProcError {
  return new LLMProcError("program_invalid", `Wrong [parameters] for a model of an AI SDK package: ${message}`);
}

function isTableOfTables(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.values(value).every(isJsonObject);
}
