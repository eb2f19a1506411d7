import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Model } from "../../process/model.ts";
import { checkedHeaders } from "../wire/headers.ts";
import { modelOfSource } from "./ai-sdk.ts";
import type { AiSdkModel } from "./ai-sdk-model.ts";
import type { CallParameters } from "./call-parameters.ts";
import { loadFactory } from "./load-package.ts";
import type { ModelSource } from "./model-source.ts";
import { madeModels } from "./model-source.ts";
import type { AiSdkProvider } from "./provider-names.ts";

/** What a program file says of such a model. */
export interface NamedModelOptions {
  readonly name: string;
  readonly baseUrl?: string;
  readonly apiKeyEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly projectId?: string;
}

/**
 * A model of a provider whose AI SDK package the user has installed. The package is loaded at the first request.
 * @throws LLMProcError `program_invalid` for a base URL or header that cannot be used
 */
export function namedModel(provider: AiSdkProvider, options: NamedModelOptions): Model {
  const { name, baseUrl } = options;
  if (baseUrl !== undefined && !URL.canParse(baseUrl)) {
    throw new LLMProcError("program_invalid", `The base URL of the model "${name}" is not a URL.`);
  }
  const headers = checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`);
  let source: Promise<ModelSource> | undefined;
  const load = async (): Promise<ModelSource> => {
    const settings = { ...settingsOf(provider, options), headers };
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
  return modelOfSource({
    provider: provider.name,
    name,
    idleTimeoutMs: undefined,
    open,
    toProviderOptions: (parameters) => providerOptions(provider, parameters),
  });
}

/** Names that a factory does not know do it no harm. */
function settingsOf(provider: AiSdkProvider, { name, baseUrl, region, projectId, apiKeyEnv }: NamedModelOptions) {
  const apiKey = apiKeyEnv === undefined ? usualKey(provider) : keyIn(apiKeyEnv, name);
  return {
    ...(apiKey !== undefined && { apiKey }),
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    ...(region !== undefined && { region, location: region }),
    ...(projectId !== undefined && { project: projectId }),
  };
}

/** Undefined where the package is to look for itself. */
function usualKey({ apiKeyEnvs = [] }: AiSdkProvider): string | undefined {
  return apiKeyEnvs.map((variable) => process.env[variable]?.trim()).find((key) => key !== undefined && key !== "");
}

function keyIn(variable: string, name: string): string {
  const key = process.env[variable]?.trim() ?? "";
  if (key !== "") return key;
  const message = `There is no API key for the model "${name}". Set the environment variable ${variable}.`;
  throw new LLMProcError("model_unavailable", message);
}

function languageModel(made: unknown, { package: packageName }: AiSdkProvider, name: string): AiSdkModel {
  // A border post: whatever it is, `madeModels` checks what comes out.
  const provider = made as { languageModel?: (name: string) => AiSdkModel } & ((name: string) => AiSdkModel);
  if (typeof provider?.languageModel === "function") return provider.languageModel(name);
  if (typeof provider === "function") return provider(name);
  throw new LLMProcError("model_unavailable", `The package ${packageName} makes no language models.`);
}

/** `provider_options`, with those parameters among them that the package itself puts into the body. */
function providerOptions(
  { bodyOptions }: AiSdkProvider,
  { providerOptions: given = {}, rest }: CallParameters,
): JsonObject | undefined {
  if (bodyOptions === undefined) return Object.keys(given).length === 0 ? undefined : given;
  const { under, except } = bodyOptions;
  const inBody = Object.fromEntries(Object.entries(rest).filter(([key]) => !except.includes(key)));
  const key = under.find((option) => option in given) ?? under.at(-1) ?? "";
  const own = given[key];
  return { ...given, [key]: { ...inBody, ...(isJsonObject(own) && own) } };
}
