import { AI_SDK_PROVIDERS } from "../models/ai-sdk/provider-names.ts";
import { KNOWN_SERVERS } from "../models/openai-compatible/known-servers.ts";
import { apiKeyEnvProblem } from "../models/wire/api-key.ts";
import { baseURLProblem } from "../models/wire/base-url.ts";
import { didYouMean, nearest } from "../text/did-you-mean.ts";
import type { Problem } from "./check-value.ts";
import { showText } from "./check-value.ts";
import type { Path } from "./path.ts";
import type { ModelOptions } from "./program-schema.ts";

type ModelKey = Exclude<keyof ModelOptions, "provider" | "name" | "apiKey">;

const SENT: readonly ModelKey[] = ["baseUrl", "headers", "idleTimeoutMs"];

/** The keys that each provider makes use of, beside its own name and the model's: another would be ignored. */
const KEYS: ReadonlyMap<string, readonly ModelKey[]> = new Map([
  ["anthropic", [...SENT, "apiKeyEnv", "disableAutomaticCaching"]],
  ["anthropic_vertex", [...SENT, "projectId", "region", "disableAutomaticCaching"]],
  ["openai", [...SENT, "apiKeyEnv"]],
  ["openai_compatible", [...SENT, "apiKeyEnv", "sendReasoning"]],
  ["scripted", ["replies", "childReplies", "repeat"]],
]);

/** Of all others, which are packages of the AI SDK. */
const PACKAGE_KEYS: readonly ModelKey[] = ["baseUrl", "headers", "apiKeyEnv", "projectId", "region"];

/** Names of other kinds of models are allowed (an installed package may serve them), near misses of these are not. */
const USUAL_PROVIDERS: readonly string[] = [...KEYS.keys(), ...AI_SDK_PROVIDERS];

/** What no single key can be blamed for. `spell` gives a key as the user writes it. */
export function checkModel(model: ModelOptions, path: Path, spell: (key: string) => string): readonly Problem[] {
  const { provider, baseUrl, apiKeyEnv } = model;
  const problems: Problem[] = [];
  const report = (key: string, message: string) => {
    problems.push({ path: [...path, spell(key)], message });
  };
  const unknown = providerProblem(provider, spell);
  // Which keys it takes is told once it is known which it is.
  if (unknown !== undefined) report("provider", unknown);
  else for (const [key, message] of ignoredKeys(model)) report(key, message);
  if (provider === "scripted") {
    if (model.replies === undefined) report("replies", "is missing: the scripted model says nothing else.");
    return problems;
  }
  if (provider === "openai_compatible" && baseUrl === undefined) {
    report("baseUrl", 'is missing: the address of the server, such as "http://localhost:11434/v1".');
  }
  const wrongUrl = baseUrl === undefined ? undefined : baseURLProblem(baseUrl, provider);
  if (wrongUrl !== undefined) report("baseUrl", wrongUrl);
  const wrongVariable = apiKeyEnv === undefined ? undefined : apiKeyEnvProblem(apiKeyEnv);
  if (wrongVariable !== undefined) report("apiKeyEnv", wrongVariable);
  if (model.name === undefined) report("name", "is missing, expected the provider's name of a model.");
  return problems;
}

/** Why it cannot be meant; undefined if it can. */
function providerProblem(provider: string, spell: (key: string) => string): string | undefined {
  if (USUAL_PROVIDERS.includes(provider)) return undefined;
  const found = `found the text ${showText(provider)}, which is no provider.`;
  const address = KNOWN_SERVERS.get(provider.replace(/[-_.\s]/g, "").toLowerCase());
  if (address !== undefined) {
    return `${found} Use provider = "openai_compatible" with ${spell("baseUrl")} = "${address}".`;
  }
  return nearest(provider, USUAL_PROVIDERS) && `${found}${didYouMean(provider, USUAL_PROVIDERS)}`;
}

function* ignoredKeys(model: ModelOptions): Generator<readonly [key: string, message: string]> {
  const used: readonly string[] = ["provider", "name", "maxIterations", ...(KEYS.get(model.provider) ?? PACKAGE_KEYS)];
  for (const [key, value] of Object.entries(model)) {
    if (value === undefined || used.includes(key)) continue;
    if (KEYS.get("scripted")?.some((scriptKey) => scriptKey === key))
      yield [key, 'is for provider = "scripted" alone.'];
    else yield [key, `is of no use with provider = ${showText(model.provider)}: take it out.`];
  }
}
