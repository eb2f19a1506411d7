import type { Model } from "../../process/model.ts";
import { responsesBound } from "../bounds/responses-bound.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { checkedHeaders } from "../wire/headers.ts";
import type { ModelFunction } from "../wire/model-options.ts";
import { checkModelOptions } from "../wire/model-options.ts";
import { Secrets } from "../wire/secrets.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import { wireModel } from "../wire/wire-model.ts";
import { responsesFormat } from "./format.ts";
import { responsesRequests } from "./request.ts";

export interface OpenAIOptions {
  /** The model's id, as in the vendor's list. (https://platform.openai.com/docs/models) */
  readonly name: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /** @default "OPENAI_API_KEY" */
  readonly apiKeyEnv?: string;
  /** @default "https://api.openai.com/v1" */
  readonly baseURL?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

/**
 * A model of OpenAI's (Responses API). It streams, unless the parameters say `stream = false`, and never retries. With
 * `store = false` among the parameters, reasoning comes and goes encrypted.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function openai(options: OpenAIOptions): Model {
  checkModelOptions(FUNCTION, options);
  const { name, apiKey, apiKeyEnv = "OPENAI_API_KEY", idleTimeoutMs = 60_000 } = options;
  const { baseURL = "https://api.openai.com/v1" } = options;
  const { href, host, address, ...base } = baseURLOf(baseURL, { name, endpoint: "openai" });
  const headers = { ...base.headers, ...checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`) };
  return wireModel({
    provider: "openai",
    target: {
      vendor: host === "api.openai.com" ? "OpenAI" : host,
      format: responsesFormat,
      name,
      address,
      usualPath: "/v1",
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: responsesRequests({ name }),
    bound: responsesBound,
    connect: async () => {
      const key = apiKeyOf({ name, apiKey, apiKeyEnv });
      const secrets = new Secrets({ keys: [key], headers, url: baseURL });
      return wireClient({ url: () => href, headers: [bearer(key), headers], secrets });
    },
  });
}

const FUNCTION: ModelFunction<OpenAIOptions> = {
  name: "openai",
  kinds: {
    name: "text",
    apiKey: "text",
    apiKeyEnv: "text",
    baseURL: "text",
    headers: "table",
    idleTimeoutMs: "milliseconds",
  },
  required: ["name"],
};
