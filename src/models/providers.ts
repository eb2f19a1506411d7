import type { Model } from "../process/contract/model.ts";
import { anthropicBound } from "./bounds/anthropic-bound.ts";
import { chatBound } from "./bounds/chat-bound.ts";
import { converseBound } from "./bounds/converse-bound.ts";
import { geminiBound } from "./bounds/gemini-bound.ts";
import { responsesBound } from "./bounds/responses-bound.ts";
import type { ModelSpec } from "./model-spec.ts";

/** What a program says of its model, beside the provider. */
export type ProviderOption = Exclude<keyof ModelSpec, "provider">;

/** All that has to be known of a provider before the first request. */
export interface Provider {
  /** The options of a program that it makes use of, beside the model's name: another would be ignored. */
  readonly takes: readonly ProviderOption[];
  readonly needs: readonly ("name" | "baseUrl" | "replies")[];
  /** Other names of the same: those of the Python original, and of packages. */
  readonly aliases?: readonly string[];
  /** The package of the AI SDK that speaks to it; none where this package does so itself. */
  readonly package?: string;
  /** Where its API is, unless the program says otherwise. */
  readonly baseURL?: string;
  /** What stands behind the base URL. */
  readonly endpoint?: string;
  /** Where the API key may stand, in this order. None where there are other ways to be let in. */
  readonly apiKeyEnvs?: readonly string[];
  /** Variables of other secrets, which its package reads. */
  readonly secretEnvs?: readonly string[];
  /** Its package puts options of this name into the body as they are, but for some that it reads itself. */
  readonly bodyOptions?: { readonly under: readonly string[]; readonly except: readonly string[] };
  /**
   * What bounds the bodies that are sent to it. None where their form is not known here, or its limit of output may
   * leave out reasoning (xAI), so that no limit can be held with it.
   */
  readonly bound?: NonNullable<Model["bound"]>;
  /** Nobody sells it, or who does, and at which price, is not known here: the list would take it for another one. */
  readonly hasNoListPrices?: true;
  /** What people take for a provider and is a server for this one, with its address. */
  readonly servers?: ReadonlyMap<string, string>;
}

const SENT = ["baseUrl", "headers", "idleTimeoutMs"] as const;

/** What every package of the AI SDK can be told. */
export const PACKAGED = {
  takes: ["baseUrl", "headers", "apiKeyEnv", "projectId", "region"],
  needs: ["name"],
} as const satisfies Provider;

/** Its requests are signed: what is to be in the body must be there before. The newer name is read before the older. */
const BEDROCK_OPTIONS = {
  under: ["amazonBedrock", "bedrock"],
  except: ["reasoningConfig", "serviceTier", "structuredOutputMode", "anthropicBeta"],
};

/**
 * Where servers that people take for providers are, as they come installed. Their names are without `_`, `-`, `.` and
 * capitals.
 */
const SERVERS: ReadonlyMap<string, string> = new Map([
  ["ollama", "http://localhost:11434/v1"],
  ["vllm", "http://localhost:8000/v1"],
  ["lmstudio", "http://localhost:1234/v1"],
  ["llamacpp", "http://localhost:8080/v1"],
  ["openrouter", "https://openrouter.ai/api/v1"],
]);

/** For a package that speaks both: which one it is, the body says. */
const chatOrResponsesBound: NonNullable<Model["bound"]> = (payload, counted) =>
  Array.isArray(payload.input) ? responsesBound(payload, counted) : chatBound(payload, counted);

/**
 * Every provider, by its name in a program, by which prices are looked up, too. A new one is its line here, and its
 * folder with the function that `createModel` calls, unless it has a package.
 */
export const PROVIDERS = {
  anthropic: {
    takes: [...SENT, "apiKeyEnv", "disableAutomaticCaching"],
    needs: ["name"],
    baseURL: "https://api.anthropic.com",
    endpoint: "/v1/messages",
    apiKeyEnvs: ["ANTHROPIC_API_KEY"],
    bound: anthropicBound,
  },
  anthropic_vertex: {
    takes: [...SENT, "projectId", "region", "disableAutomaticCaching"],
    needs: ["name"],
    bound: anthropicBound,
  },
  openai: {
    takes: [...SENT, "apiKeyEnv"],
    needs: ["name"],
    baseURL: "https://api.openai.com/v1",
    endpoint: "/responses",
    apiKeyEnvs: ["OPENAI_API_KEY"],
    bound: responsesBound,
  },
  openai_compatible: {
    takes: [...SENT, "apiKeyEnv", "sendReasoning"],
    needs: ["name", "baseUrl"],
    endpoint: "/chat/completions",
    bound: chatBound,
    hasNoListPrices: true,
    servers: SERVERS,
  },
  scripted: { takes: ["replies", "childReplies", "repeat"], needs: ["replies"], hasNoListPrices: true },

  google: {
    ...PACKAGED,
    package: "@ai-sdk/google",
    aliases: ["gemini"],
    apiKeyEnvs: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
    bound: geminiBound,
  },
  google_vertex: {
    ...PACKAGED,
    package: "@ai-sdk/google-vertex",
    aliases: ["gemini_vertex"],
    secretEnvs: ["GOOGLE_VERTEX_API_KEY"],
    bound: geminiBound,
  },
  mistral: packaged("@ai-sdk/mistral", ["MISTRAL_API_KEY"], chatBound),
  bedrock: {
    ...PACKAGED,
    package: "@ai-sdk/amazon-bedrock",
    aliases: ["amazon_bedrock"],
    secretEnvs: ["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    bodyOptions: BEDROCK_OPTIONS,
    bound: converseBound,
  },
  azure: packaged("@ai-sdk/azure", ["AZURE_API_KEY"], chatOrResponsesBound),
  xai: packaged("@ai-sdk/xai", ["XAI_API_KEY"]),
  groq: packaged("@ai-sdk/groq", ["GROQ_API_KEY"], chatBound),
  cohere: packaged("@ai-sdk/cohere", ["COHERE_API_KEY"]),
  deepseek: packaged("@ai-sdk/deepseek", ["DEEPSEEK_API_KEY"], chatBound),
  together: {
    ...packaged("@ai-sdk/togetherai", ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"], chatBound),
    aliases: ["togetherai"],
  },
  fireworks: packaged("@ai-sdk/fireworks", ["FIREWORKS_API_KEY"], chatBound),
  deepinfra: packaged("@ai-sdk/deepinfra", ["DEEPINFRA_API_KEY"], chatBound),
  cerebras: packaged("@ai-sdk/cerebras", ["CEREBRAS_API_KEY"], chatBound),
  perplexity: packaged("@ai-sdk/perplexity", ["PERPLEXITY_API_KEY"]),
  moonshotai: packaged("@ai-sdk/moonshotai", ["MOONSHOT_API_KEY"], chatBound),
  alibaba: packaged("@ai-sdk/alibaba", ["ALIBABA_API_KEY"]),
  baseten: packaged("@ai-sdk/baseten", ["BASETEN_API_KEY"]),
  huggingface: packaged("@ai-sdk/huggingface", ["HUGGINGFACE_API_KEY"]),
  vercel: packaged("@ai-sdk/vercel", ["VERCEL_API_KEY"]),
  gateway: { ...PACKAGED, package: "@ai-sdk/gateway", secretEnvs: ["AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"] },
} as const satisfies Readonly<Record<string, Provider>>;

type Providers = typeof PROVIDERS;

/** A provider that this package speaks to itself. */
export type OwnProvider = {
  [Name in keyof Providers]: Providers[Name] extends { readonly package: string } ? never : Name;
}[keyof Providers];

/** One that speaks an API whose endpoint is known. */
export type WireProvider = {
  [Name in keyof Providers]: Providers[Name] extends { readonly endpoint: string } ? Name : never;
}[keyof Providers];

export interface NamedProvider extends Provider {
  /** Not an alias. */
  readonly name: string;
}

export const PROVIDER_LIST: readonly NamedProvider[] = Object.entries<Provider>(PROVIDERS).map(([name, facts]) => ({
  ...facts,
  name,
}));

const BY_NAME: ReadonlyMap<string, NamedProvider> = new Map([
  ...PROVIDER_LIST.map((provider) => [provider.name, provider] as const),
  ...PROVIDER_LIST.flatMap(aliased),
]);

/** Every name that a program may use, the aliases last. */
export const PROVIDER_NAMES: readonly string[] = [...BY_NAME.keys()];

/** By its name or an alias; undefined for one that is not in the list. */
export function providerNamed(name: string): NamedProvider | undefined {
  return BY_NAME.get(name);
}

function aliased(provider: NamedProvider): readonly (readonly [string, NamedProvider])[] {
  return (provider.aliases ?? []).map((alias) => [alias, provider]);
}

function packaged(packageName: string, apiKeyEnvs: readonly string[], bound?: NonNullable<Model["bound"]>) {
  return { ...PACKAGED, package: packageName, apiKeyEnvs, ...(bound !== undefined && { bound }) };
}
