import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";

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
export function anthropic(given: EitherSpelling<AnthropicOptions>): Model {
  const options = modelOptions(FUNCTION, given);
  const { name, baseURL = PROVIDERS.anthropic.baseURL } = options;
  const to = destination(baseURLOf(baseURL, { name, provider: "anthropic" }), options);
  return lazyModel({
    provider: "anthropic",
    name,
    bound: PROVIDERS.anthropic.bound,
    load: async () => (await import("./anthropic-sender.ts")).anthropicSender({ ...options, baseURL, ...to }),
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
