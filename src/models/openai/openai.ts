import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";

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
