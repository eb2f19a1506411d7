import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Model } from "../../process/contract/model.ts";
import { Secrets } from "../secrets/secrets.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import type { BaseURL } from "../wire/base-url.ts";
import type { Destination } from "../wire/destination.ts";
import type { AiSdkModel } from "./ai-sdk-model.ts";
import type { CallParameters } from "./call-parameters.ts";
import { loadFactory } from "./load-factory.ts";
import type { ModelSource } from "./model-source.ts";
import { madeModels } from "./model-source.ts";
import type { NamedModelOptions } from "./named-model-options.ts";
import type { PackagedProvider } from "./packaged-provider.ts";
import { sourceSender } from "./source-sender.ts";

/** The package is loaded with the first request. */
export function namedSender(
  provider: PackagedProvider,
  options: NamedModelOptions & Destination<BaseURL | undefined>,
): Model["send"] {
  const { name, place, headers } = options;
  const secrets = new Secrets({ headers, url: options.baseUrl });
  let source: Promise<ModelSource> | undefined;
  const load = async (): Promise<ModelSource> => {
    const { apiKey, ...where } = settingsOf(provider, options);
    secrets.add({ keys: apiKey === undefined ? [] : [apiKey] });
    const settings = {
      ...where,
      ...(apiKey !== undefined && { apiKey }),
      ...(place !== undefined && { baseURL: place.href }),
      headers,
    };
    const create = await loadFactory(provider);
    return madeModels((fetch) => languageModel(create({ ...settings, fetch }), provider, name));
  };
  const open = () => {
    source ??= load().catch((error: unknown) => {
      // What was missing may be there at the next attempt.
      source = undefined;
      throw error;
    });
    return source;
  };
  return sourceSender({
    provider: provider.name,
    name,
    idleTimeoutMs: undefined,
    open,
    address: place?.address,
    secrets,
    keyAdvice: () => adviceOnKey(provider, options),
    toProviderOptions: (parameters) => providerOptions(provider, parameters),
  });
}

/** Names that a factory does not know do it no harm. */
function settingsOf(provider: PackagedProvider, { name, region, projectId, apiKeyEnv }: NamedModelOptions) {
  const apiKey = apiKeyEnv === undefined ? usualKey(provider, name) : apiKeyOf({ name, apiKeyEnv });
  return {
    ...(apiKey !== undefined && { apiKey }),
    ...(region !== undefined && { region, location: region }),
    ...(projectId !== undefined && { project: projectId }),
  };
}

/**
 * Undefined where the package is to look for itself. It would send an empty one.
 * @throws LLMProcError `model_unavailable` if a variable is there, and empty
 */
function usualKey({ name: provider, apiKeyEnvs = [] }: PackagedProvider, name: string): string | undefined {
  const key = apiKeyEnvs.map(keyIn).find((value) => value !== undefined);
  const empty = apiKeyEnvs.find((variable) => process.env[variable] !== undefined);
  if (key !== undefined || empty === undefined) return key;
  const message = `There is no API key for the model "${name}" of ${provider}: the environment variable ${empty} is empty. Set it, or name another one in api_key_env.`;
  throw new LLMProcError("model_unavailable", message);
}

function keyIn(variable: string): string | undefined {
  return process.env[variable]?.trim() || undefined;
}

function adviceOnKey(provider: PackagedProvider, { apiKeyEnv }: NamedModelOptions): string {
  const [first] = provider.apiKeyEnvs ?? [];
  const variable = apiKeyEnv ?? provider.apiKeyEnvs?.find((name) => keyIn(name) !== undefined) ?? first;
  if (variable !== undefined) return keyAdvice({ apiKeyEnv: variable });
  return `Check the key that the package ${provider.package} finds by itself, or name the variable of another one in api_key_env.`;
}

function languageModel(made: unknown, { package: packageName }: PackagedProvider, name: string): AiSdkModel {
  // A border post: whatever it is, `madeModels` checks what comes out.
  const provider = made as { languageModel?: (name: string) => AiSdkModel } & ((name: string) => AiSdkModel);
  if (typeof provider?.languageModel === "function") return provider.languageModel(name);
  if (typeof provider === "function") return provider(name);
  throw new LLMProcError("model_unavailable", `The package ${packageName} makes no language models.`);
}

/** `provider_options`, with those parameters among them that the package itself puts into the body. */
function providerOptions(
  { bodyOptions }: PackagedProvider,
  { providerOptions: given = {}, rest }: CallParameters,
): JsonObject | undefined {
  if (bodyOptions === undefined) return Object.keys(given).length === 0 ? undefined : given;
  const { under, except } = bodyOptions;
  const inBody = Object.fromEntries(Object.entries(rest).filter(([key]) => !except.includes(key)));
  const key = under.find((option) => option in given) ?? under.at(-1) ?? "";
  const own = given[key];
  return { ...given, [key]: { ...inBody, ...(isJsonObject(own) && own) } };
}
