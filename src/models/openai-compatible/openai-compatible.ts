import type { Model } from "../../process/model.ts";
import { chatBound } from "../bounds/chat-bound.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { checkedHeaders } from "../wire/headers.ts";
import type { ModelFunction } from "../wire/model-options.ts";
import { checkModelOptions } from "../wire/model-options.ts";
import { Secrets } from "../wire/secrets.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import { wireModel } from "../wire/wire-model.ts";
import { chatFormat } from "./format.ts";
import { KNOWN_HOSTS } from "./known-hosts.ts";
import { chatRequests } from "./request.ts";

export interface OpenAICompatibleOptions {
  /** The server's name of the model. */
  readonly name: string;
  /** Where the API is, most often up to `/v1`: `"http://localhost:11434/v1"`. A user name and password are sent as such. */
  readonly baseURL: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /**
   * @default that of the vendor, for some known hosts (`"OPENROUTER_API_KEY"` for openrouter.ai); no key goes to others
   */
  readonly apiKeyEnv?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a model's reasoning goes back to it with the next request. @default true, but for hosts that refuse it */
  readonly sendReasoning?: boolean;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

/**
 * A model behind a server that speaks OpenAI's Chat Completions: Ollama, vLLM, OpenRouter, and many more. It streams,
 * unless the parameters say `stream = false`, and never retries.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function openaiCompatible(options: OpenAICompatibleOptions): Model {
  checkModelOptions(FUNCTION, options);
  const { name, idleTimeoutMs = 60_000 } = options;
  const { href, host, address, ...base } = baseURLOf(options.baseURL, { name, endpoint: "openai_compatible" });
  const known = KNOWN_HOSTS.get(host);
  const { apiKey, sendReasoning = known?.refusesReasoning !== true } = options;
  const headers = { ...base.headers, ...checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`) };
  const apiKeyEnv = options.apiKeyEnv ?? (hasAuthorization(headers) ? undefined : known?.apiKeyEnv);
  const isKeyless = apiKey === undefined && apiKeyEnv === undefined;
  return wireModel({
    provider: "openai_compatible",
    target: {
      vendor: host,
      format: chatFormat,
      name,
      address,
      usualPath: "/v1",
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: chatRequests({ name, vendor: host, sendReasoning }),
    bound: chatBound,
    connect: async () => {
      const keys = isKeyless ? [] : [apiKeyOf({ name, apiKey, apiKeyEnv })];
      return wireClient({
        url: () => href,
        headers: [...keys.map(bearer), headers],
        secrets: new Secrets({ keys, headers, url: options.baseURL }),
      });
    },
  });
}

const FUNCTION: ModelFunction<OpenAICompatibleOptions> = {
  name: "openaiCompatible",
  kinds: {
    name: "text",
    apiKey: "text",
    apiKeyEnv: "text",
    baseURL: "text",
    headers: "table",
    sendReasoning: "flag",
    idleTimeoutMs: "milliseconds",
  },
  required: ["name", "baseURL"],
};

function hasAuthorization(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((header) => /^(authorization|api-key|x-api-key)$/i.test(header));
}
