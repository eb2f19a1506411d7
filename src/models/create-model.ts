import { describe, LLMProcError } from "../errors.ts";
import type { Model } from "../process/contract/model.ts";
import { didYouMean } from "../text/did-you-mean.ts";
import { namedModel } from "./ai-sdk/named-model.ts";
import { packagedProvider } from "./ai-sdk/packaged-provider.ts";
import { anthropic } from "./anthropic/anthropic.ts";
import { anthropicVertex } from "./anthropic/anthropic-vertex.ts";
import type { ModelSpec } from "./model-spec.ts";
import { openai } from "./openai/openai.ts";
import { openaiCompatible } from "./openai-compatible/openai-compatible.ts";
import type { OwnProvider, Provider } from "./providers.ts";
import { PROVIDER_NAMES, PROVIDERS } from "./providers.ts";
import { scripted } from "./scripted.ts";

/**
 * The model that a spec names. Nothing is loaded or sent before its first request.
 * @throws LLMProcError `model_unavailable` if there is no such provider; `program_invalid` for what cannot be used
 */
export function createModel(spec: ModelSpec): Model {
  const { provider, name = "" } = spec;
  if (isOwn(provider)) return make(provider, spec);
  const packaged = packagedProvider(provider);
  if (packaged !== undefined) return namedModel(packaged, { ...spec, name });
  const hint = didYouMean(provider, PROVIDER_NAMES);
  throw new LLMProcError(
    "model_unavailable",
    `There is no model provider ${describe(provider)}.${hint} Known: ${PROVIDER_NAMES.join(", ")}, and the full name of any AI SDK package.`,
  );
}

/** The functions of those providers that have no package: the compiler asks for each of the list. */
const MAKERS: { readonly [Name in OwnProvider]: (options: OptionsOf<Name>) => Model } = {
  anthropic,
  anthropic_vertex: anthropicVertex,
  openai,
  openai_compatible: (options) => openaiCompatible({ baseURL: "", ...options }),
  scripted: ({ name, replies = [], childReplies, repeat = false }) =>
    scripted(childReplies === undefined ? replies : { root: replies, child: childReplies }, {
      repeat,
      ...(name !== "" && { name }),
    }),
};

/** What two options of a program are called in the functions for code. */
type NameInCode<Option> = Option extends "baseUrl"
  ? "baseURL"
  : Option extends "disableAutomaticCaching"
    ? "automaticCaching"
    : Option;

/** What the list says that a provider takes, as its function has it. */
type OptionsOf<Name extends OwnProvider> = {
  readonly [Option in (typeof PROVIDERS)[Name]["takes"][number] as NameInCode<Option>]?: NonNullable<ModelSpec[Option]>;
} & { readonly name: string };

function isOwn(provider: string): provider is OwnProvider {
  return Object.hasOwn(MAKERS, provider);
}

function make<Name extends OwnProvider>(provider: Name, spec: ModelSpec): Model {
  const { takes }: Provider = PROVIDERS[provider];
  const { name = "", baseUrl, disableAutomaticCaching } = spec;
  const options: Record<string, unknown> = { name };
  for (const option of takes) {
    if (spec[option] === undefined) continue;
    if (option === "baseUrl") options.baseURL = baseUrl;
    else if (option === "disableAutomaticCaching") options.automaticCaching = disableAutomaticCaching !== true;
    else options[option] = spec[option];
  }
  // A border post: each has the name in code that the type says, and the value of the spec.
  return MAKERS[provider](options as OptionsOf<Name>);
}
