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
    const isGiven = apiKey !== undefined || apiKeyEnv === undefined;
    const advice = isGiven
      ? "The apiKey that it was given is empty."
      : `Set the environment variable ${apiKeyEnv}, or name another one with api_key_env (apiKeyEnv in code).`;
    throw new LLMProcError("model_unavailable", `There is no API key for the model "${name}". ${advice}`);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new LLMProcError("model_unavailable", `The API key for the model "${name}" has characters that no key has.`);
  }
  return key;
}

/** Why this cannot be the name of a variable; undefined if it can. It is not shown: most often it is the key itself. */
export function apiKeyEnvProblem(apiKeyEnv: string): string | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(apiKeyEnv)) return undefined;
  return "is the name of an environment variable, not the key itself: letters, digits and _ alone.";
}

/** What to do where a vendor does not take the key. */
export function keyAdvice({ apiKey, apiKeyEnv }: Pick<ApiKeyOptions, "apiKey" | "apiKeyEnv">): string {
  if (apiKey !== undefined) return "Check the apiKey of the model.";
  if (apiKeyEnv !== undefined) return `Check the API key in the environment variable ${apiKeyEnv}.`;
  return "No API key was sent: name its environment variable in api_key_env.";
}
