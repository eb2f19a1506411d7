import { LLMProcError } from "../../errors.ts";

export interface ApiKeyOptions {
  /** Of the model, for errors. */
  readonly name: string;
  readonly apiKey?: string | undefined;
  /** The environment variable to read if there is no `apiKey`. */
  readonly apiKeyEnv?: string | undefined;
}

/**
 * The API key of a model.
 * @throws LLMProcError `model_unavailable` if there is none, or if it cannot be one; the key is not shown
 */
export function apiKeyOf({ name, apiKey, apiKeyEnv }: ApiKeyOptions): string {
  const inEnvironment = apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv];
  const key = (apiKey ?? inEnvironment ?? "").trim();
  if (key === "") {
    const place = apiKeyEnv === undefined ? "" : `Set the environment variable ${apiKeyEnv}, or give`;
    const message = `There is no API key for the model "${name}". ${place || "Give"} the model an apiKey.`;
    throw new LLMProcError("model_unavailable", message);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new LLMProcError("model_unavailable", `The API key for the model "${name}" has characters that no key has.`);
  }
  return key;
}

/** What to do where a vendor does not take the key. */
export function keyAdvice({ apiKey, apiKeyEnv }: Pick<ApiKeyOptions, "apiKey" | "apiKeyEnv">): string {
  if (apiKey !== undefined) return "Check the apiKey of the model.";
  if (apiKeyEnv !== undefined) return `Check the API key in the environment variable ${apiKeyEnv}.`;
  return "No API key was sent: name its environment variable in api_key_env.";
}
