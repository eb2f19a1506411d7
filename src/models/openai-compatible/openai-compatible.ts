import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";
import type { OpenAICompatibleOptions } from "./compatible-options.ts";

/**
 * A model behind a server that speaks OpenAI's Chat Completions: Ollama, vLLM, OpenRouter, and many more. It streams,
 * unless the parameters say `stream = false`, and never retries.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function openaiCompatible(given: EitherSpelling<OpenAICompatibleOptions>): Model {
  const options = modelOptions(FUNCTION, given);
  const { name, baseURL } = options;
  const to = destination(baseURLOf(baseURL, { name, provider: "openai_compatible" }), options);
  return lazyModel({
    provider: "openai_compatible",
    name,
    bound: PROVIDERS.openai_compatible.bound,
    load: async () => (await import("./compatible-sender.ts")).compatibleSender({ ...options, ...to }),
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
