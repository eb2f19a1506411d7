/** A provider that is reached through its AI SDK package. */
export interface AiSdkProvider {
  /** As in a program file, and as prices are looked up. */
  readonly name: string;
  readonly package: string;
  /** Where the API key may stand, in this order. None where there are other ways to be let in. */
  readonly apiKeyEnvs?: readonly string[];
  /** Variables of other secrets, which the package itself reads. */
  readonly secretEnvs?: readonly string[];
  /** The package puts options of this name into the body as they are, but for some that it reads itself. */
  readonly bodyOptions?: { readonly under: readonly string[]; readonly except: readonly string[] };
}

const GOOGLE_KEYS = ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"];

const BEDROCK_SECRETS = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/** Its requests are signed: what is to be in the body must be there before. The newer name is read before the older. */
const BEDROCK_OPTIONS = {
  under: ["amazonBedrock", "bedrock"],
  except: ["reasoningConfig", "serviceTier", "structuredOutputMode", "anthropicBeta"],
};

const PROVIDERS: readonly AiSdkProvider[] = [
  { name: "google", package: "@ai-sdk/google", apiKeyEnvs: GOOGLE_KEYS },
  { name: "google_vertex", package: "@ai-sdk/google-vertex", secretEnvs: ["GOOGLE_VERTEX_API_KEY"] },
  { name: "mistral", package: "@ai-sdk/mistral", apiKeyEnvs: ["MISTRAL_API_KEY"] },
  { name: "bedrock", package: "@ai-sdk/amazon-bedrock", secretEnvs: BEDROCK_SECRETS, bodyOptions: BEDROCK_OPTIONS },
  { name: "azure", package: "@ai-sdk/azure", apiKeyEnvs: ["AZURE_API_KEY"] },
  { name: "xai", package: "@ai-sdk/xai", apiKeyEnvs: ["XAI_API_KEY"] },
  { name: "groq", package: "@ai-sdk/groq", apiKeyEnvs: ["GROQ_API_KEY"] },
  { name: "cohere", package: "@ai-sdk/cohere", apiKeyEnvs: ["COHERE_API_KEY"] },
  { name: "deepseek", package: "@ai-sdk/deepseek", apiKeyEnvs: ["DEEPSEEK_API_KEY"] },
  { name: "together", package: "@ai-sdk/togetherai", apiKeyEnvs: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"] },
  { name: "fireworks", package: "@ai-sdk/fireworks", apiKeyEnvs: ["FIREWORKS_API_KEY"] },
  { name: "deepinfra", package: "@ai-sdk/deepinfra", apiKeyEnvs: ["DEEPINFRA_API_KEY"] },
  { name: "cerebras", package: "@ai-sdk/cerebras", apiKeyEnvs: ["CEREBRAS_API_KEY"] },
  { name: "perplexity", package: "@ai-sdk/perplexity", apiKeyEnvs: ["PERPLEXITY_API_KEY"] },
  { name: "moonshotai", package: "@ai-sdk/moonshotai", apiKeyEnvs: ["MOONSHOT_API_KEY"] },
  { name: "alibaba", package: "@ai-sdk/alibaba", apiKeyEnvs: ["ALIBABA_API_KEY"] },
  { name: "baseten", package: "@ai-sdk/baseten", apiKeyEnvs: ["BASETEN_API_KEY"] },
  { name: "huggingface", package: "@ai-sdk/huggingface", apiKeyEnvs: ["HUGGINGFACE_API_KEY"] },
  { name: "vercel", package: "@ai-sdk/vercel", apiKeyEnvs: ["VERCEL_API_KEY"] },
  { name: "gateway", package: "@ai-sdk/gateway", secretEnvs: ["AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"] },
];

/** Other names of the same: those of the Python original, and of the packages. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["gemini", "google"],
  ["gemini_vertex", "google_vertex"],
  ["amazon_bedrock", "bedrock"],
  ["togetherai", "together"],
]);

/** Every name that a program file may use for one of them. */
export const AI_SDK_PROVIDERS: readonly string[] = [...PROVIDERS.map(({ name }) => name), ...ALIASES.keys()];

/** The provider of this name, or of the package of this full name; undefined for anything else. */
export function aiSdkProvider(given: string): AiSdkProvider | undefined {
  const name = ALIASES.get(given) ?? given;
  const known = PROVIDERS.find((provider) => provider.name === name || provider.package === name);
  if (known !== undefined) return known;
  return isPackage(given) ? { name: shortName(given), package: given } : undefined;
}

/** Every variable in which a package is known to look for a secret. */
export const SECRET_ENVS: readonly string[] = PROVIDERS.flatMap(({ apiKeyEnvs = [], secretEnvs = [] }) => [
  ...apiKeyEnvs,
  ...secretEnvs,
]);

/**
 * The variables in which the key of a model stands by custom. `provider` may be a model object's own name for it:
 * `"mistral.chat"`, `"google.generative-ai"`.
 */
export function usualKeyEnvs(provider: string): readonly string[] {
  const [name = ""] = provider.split(/[./]/);
  const known = aiSdkProvider(name) ?? PROVIDERS.find((one) => one.package === `@ai-sdk/${name}`);
  if (known?.apiKeyEnvs !== undefined) return known.apiKeyEnvs;
  if (known?.secretEnvs !== undefined) return known.secretEnvs;
  return /^[a-z][\w-]*$/i.test(name) ? [`${name.toUpperCase().replaceAll("-", "_")}_API_KEY`] : [];
}

/** `@scope/name`, or a name that says that it is a provider of the AI SDK. */
function isPackage(name: string): boolean {
  const isName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name);
  return isName && (name.startsWith("@") || /ai-sdk|-provider/.test(name));
}

/** `openrouter` for `@openrouter/ai-sdk-provider`, `ollama` for `ollama-ai-provider-v2`. */
function shortName(name: string): string {
  return name
    .replace(/^@ai-sdk\//, "")
    .replace(/^@([^/]+)\/.*$/, "$1")
    .replace(/-(ai-)?(sdk-)?provider.*$/, "");
}
