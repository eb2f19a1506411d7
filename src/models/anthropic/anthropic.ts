import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";
import type { AnthropicOptions } from "./anthropic-options.ts";

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
