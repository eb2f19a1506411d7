import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";
import type { OpenAIOptions } from "./openai-options.ts";

/**
 * A model of OpenAI's (Responses API). It streams, unless the parameters say `stream = false`, and never retries. With
 * `store = false` among the parameters, reasoning comes and goes encrypted.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function openai(given: EitherSpelling<OpenAIOptions>): Model {
  const options = modelOptions(FUNCTION, given);
  const { name, baseURL = PROVIDERS.openai.baseURL } = options;
  const to = destination(baseURLOf(baseURL, { name, provider: "openai" }), options);
  return lazyModel({
    provider: "openai",
    name,
    bound: PROVIDERS.openai.bound,
    load: async () => (await import("./openai-sender.ts")).openaiSender({ ...options, baseURL, ...to }),
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
