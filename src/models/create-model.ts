import { describe, LLMProcError } from "../errors.ts";
import type { Model } from "../process/model.ts";
import { didYouMean } from "../text/did-you-mean.ts";
import { namedModel } from "./ai-sdk/named-model.ts";
import { AI_SDK_PROVIDERS, aiSdkProvider } from "./ai-sdk/provider-names.ts";
import { anthropic } from "./anthropic/anthropic.ts";
import { anthropicVertex } from "./anthropic/anthropic-vertex.ts";
import { openai } from "./openai/openai.ts";
import { openaiCompatible } from "./openai-compatible/openai-compatible.ts";

/** A model as a program file names it. */
export interface ModelSpec {
  /** `"anthropic"`, … */
  readonly provider: string;
  /** The provider's id of the model. */
  readonly name: string;
  /** @default the vendor's; `openai_compatible` has none */
  readonly baseUrl?: string;
  /** The environment variable with the API key. @default the vendor's own */
  readonly apiKeyEnv?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may be silent, in milliseconds. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** Of a cloud project. */
  readonly projectId?: string;
  readonly region?: string;
  /** Whether reasoning goes back to the server. @default true, but for hosts that refuse it */
  readonly sendReasoning?: boolean;
  /** Does not ask the vendor to cache. @default false */
  readonly disableAutomaticCaching?: boolean;
}

/** Every kind of model that a program file can name. A new kind is its file and its line here. */
const KINDS: ReadonlyMap<string, (spec: ModelSpec) => Model> = new Map([
  ["anthropic", createAnthropic],
  ["anthropic_vertex", createVertex],
  ["openai", (spec) => openai(commonOptions(spec))],
  ["openai_compatible", createCompatible],
]);

/**
 * The model that a spec names. Nothing is loaded or sent before its first request.
 * @throws LLMProcError `model_unavailable` if there is no such provider
 */
export function createModel(spec: ModelSpec): Model {
  const create = KINDS.get(spec.provider);
  if (create !== undefined) return create(spec);
  const packaged = aiSdkProvider(spec.provider);
  if (packaged !== undefined) return namedModel(packaged, spec);
  const known = [...KINDS.keys(), ...AI_SDK_PROVIDERS];
  const hint = didYouMean(spec.provider, known);
  throw new LLMProcError(
    "model_unavailable",
    `There is no model provider ${describe(spec.provider)}.${hint} Known: ${known.join(", ")}, and the full name of any AI SDK package.`,
  );
}

function createAnthropic(spec: ModelSpec): Model {
  return anthropic({ ...commonOptions(spec), automaticCaching: spec.disableAutomaticCaching !== true });
}

function createVertex(spec: ModelSpec): Model {
  const { projectId, region, disableAutomaticCaching } = spec;
  const { apiKeyEnv: _none, ...common } = commonOptions(spec);
  return anthropicVertex({
    ...common,
    ...(projectId !== undefined && { projectId }),
    ...(region !== undefined && { region }),
    automaticCaching: disableAutomaticCaching !== true,
  });
}

function createCompatible(spec: ModelSpec): Model {
  const { name, baseUrl, sendReasoning } = spec;
  if (baseUrl === undefined) {
    throw new LLMProcError("program_invalid", `The model "${name}" of openai_compatible needs a base_url.`);
  }
  return openaiCompatible({
    ...commonOptions(spec),
    baseURL: baseUrl,
    ...(sendReasoning !== undefined && { sendReasoning }),
  });
}

function commonOptions({ name, baseUrl, apiKeyEnv, headers, idleTimeoutMs }: ModelSpec) {
  return {
    name,
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    ...(apiKeyEnv !== undefined && { apiKeyEnv }),
    ...(headers !== undefined && { headers }),
    ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
  };
}
