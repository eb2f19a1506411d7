import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";

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
