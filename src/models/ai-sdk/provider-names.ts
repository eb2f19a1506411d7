/** A provider that is reached through its AI SDK package. */
export interface AiSdkProvider {
  /** As in a program file, and as prices are looked up. */
  readonly name: string;
  readonly package: string;
  /** Where the API key may stand, in this order. @default what the package itself reads */
  readonly apiKeyEnvs?: readonly string[];
  /** The package puts options of this name into the body as they are, but for some that it reads itself. */
  readonly bodyOptions?: { readonly under: readonly string[]; readonly except: readonly string[] };
}

const GOOGLE_KEYS = ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"];

/** Its requests are signed: what is to be in the body must be there before. The newer name is read before the older. */
const BEDROCK_OPTIONS = {
  under: ["amazonBedrock", "bedrock"],
  except: ["reasoningConfig", "serviceTier", "structuredOutputMode", "anthropicBeta"],
};

const PROVIDERS: readonly AiSdkProvider[] = [
  { name: "google", package: "@ai-sdk/google", apiKeyEnvs: GOOGLE_KEYS },
  { name: "google_vertex", package: "@ai-sdk/google-vertex" },
  { name: "mistral", package: "@ai-sdk/mistral" },
  { name: "bedrock", package: "@ai-sdk/amazon-bedrock", bodyOptions: BEDROCK_OPTIONS },
  { name: "azure", package: "@ai-sdk/azure" },
  { name: "xai", package: "@ai-sdk/xai" },
  { name: "groq", package: "@ai-sdk/groq" },
  { name: "cohere", package: "@ai-sdk/cohere" },
  { name: "deepseek", package: "@ai-sdk/deepseek" },
  { name: "together", package: "@ai-sdk/togetherai" },
  { name: "fireworks", package: "@ai-sdk/fireworks" },
  { name: "deepinfra", package: "@ai-sdk/deepinfra" },
  { name: "cerebras", package: "@ai-sdk/cerebras" },
  { name: "perplexity", package: "@ai-sdk/perplexity" },
  { name: "moonshotai", package: "@ai-sdk/moonshotai" },
  { name: "alibaba", package: "@ai-sdk/alibaba" },
  { name: "baseten", package: "@ai-sdk/baseten" },
  { name: "huggingface", package: "@ai-sdk/huggingface" },
  { name: "vercel", package: "@ai-sdk/vercel" },
  { name: "gateway", package: "@ai-sdk/gateway" },
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
