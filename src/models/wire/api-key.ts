import { LLMProcError } from "../../errors.ts";

export interface ApiKeyOptions {
  /** Of the model, for errors. */
  readonly name: string;
  readonly apiKey?: string | undefined;
  /** The environment variable to read if there is no `apiKey`. */
  readonly apiKeyEnv: string;
}

/**
 * The API key of a model.
 * @throws LLMProcError `model_unavailable` if there is none, or if it cannot be one; the key is not shown
 */
export function apiKeyOf({ name, apiKey, apiKeyEnv }: ApiKeyOptions): string {
  const key = (apiKey ?? process.env[apiKeyEnv] ?? "").trim();
  if (key === "") {
    const message = `There is no API key for the model "${name}". Set the environment variable ${apiKeyEnv}, or give the model an apiKey.`;
    throw new LLMProcError("model_unavailable", message);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new LLMProcError("model_unavailable", `The API key for the model "${name}" has characters that no key has.`);
  }
  return key;
}
