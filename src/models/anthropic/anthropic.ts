import type { Model } from "../../process/model.ts";
import { anthropicBound } from "../bounds/anthropic-bound.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { checkedHeaders } from "../wire/headers.ts";
import type { ModelFunction } from "../wire/model-options.ts";
import { checkModelOptions } from "../wire/model-options.ts";
import { Secrets } from "../wire/secrets.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import { wireModel } from "../wire/wire-model.ts";
import { anthropicFormat } from "./format.ts";
import { anthropicRequests } from "./request.ts";

export interface AnthropicOptions {
  /** The model's id, as in the vendor's list. (https://platform.claude.com/docs/en/about-claude/models) */
  readonly name: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /** @default "ANTHROPIC_API_KEY" */
  readonly apiKeyEnv?: string;
  /** @default "https://api.anthropic.com" */
  readonly baseURL?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Lets the vendor cache each request up to its end (`cache_control` at the top of the body), so that the next
   * turn or fork reads it at a fraction of the price. Writing costs a quarter more than plain input.
   * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching)
   * @default true
   */
  readonly automaticCaching?: boolean;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

/**
 * A model of Anthropic's (Messages API). It streams, unless the parameters say `stream = false`, and never retries.
 * `max_tokens` is 8192 where the parameters have none.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function anthropic(options: AnthropicOptions): Model {
  checkModelOptions(FUNCTION, options);
  const { name, baseURL = "https://api.anthropic.com", automaticCaching = true, idleTimeoutMs = 60_000 } = options;
  const { apiKey, apiKeyEnv = "ANTHROPIC_API_KEY" } = options;
  const { href, host, address, ...base } = baseURLOf(baseURL, { name, endpoint: "anthropic" });
  const headers = { ...base.headers, ...checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`) };
  return wireModel({
    provider: "anthropic",
    target: {
      vendor: host === "api.anthropic.com" ? "Anthropic" : host,
      format: anthropicFormat,
      name,
      address,
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: anthropicRequests({
      vendor: "Anthropic",
      leading: Object.freeze({ model: name }),
      caching: automaticCaching ? "request" : "none",
    }),
    bound: anthropicBound,
    connect: async () => {
      const key = apiKeyOf({ name, apiKey, apiKeyEnv });
      return wireClient({
        url: () => href,
        headers: [VERSION, bearer(key), headers],
        secrets: new Secrets({ keys: [key], headers, url: baseURL }),
      });
    },
  });
}

const FUNCTION: ModelFunction<AnthropicOptions> = {
  name: "anthropic",
  kinds: {
    name: "text",
    apiKey: "text",
    apiKeyEnv: "text",
    baseURL: "text",
    headers: "table",
    automaticCaching: "flag",
    idleTimeoutMs: "milliseconds",
  },
  required: ["name"],
};

/** Of the API, as the vendor's own SDK asks for it. (https://platform.claude.com/docs/en/api/versioning) */
const VERSION = { "anthropic-version": "2026-10-21" };
