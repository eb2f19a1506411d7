import type { Provider } from "../models/providers.ts";
import { PACKAGED, PROVIDER_LIST, PROVIDER_NAMES, providerNamed } from "../models/providers.ts";
import { apiKeyEnvProblem } from "../models/wire/api-key.ts";
import { baseURLProblem } from "../models/wire/base-url.ts";
import { didYouMean, nearest } from "../text/did-you-mean.ts";
import type { Problem } from "./check-value.ts";
import { showText } from "./check-value.ts";
import type { Path } from "./path.ts";
import type { ModelOptions } from "./program-schema.ts";

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
  const { takes, needs } = factsOf(provider);
  for (const key of needs) if (model[key] === undefined) report(key, MISSING[key]);
  if (baseUrl !== undefined && takes.includes("baseUrl")) {
    const wrong = baseURLProblem(baseUrl, provider);
    if (wrong !== undefined) report("baseUrl", wrong);
  }
  if (apiKeyEnv !== undefined && takes.includes("apiKeyEnv")) {
    const wrong = apiKeyEnvProblem(apiKeyEnv);
    if (wrong !== undefined) report("apiKeyEnv", wrong);
  }
  return problems;
}

const MISSING: Readonly<Record<Provider["needs"][number], string>> = {
  name: "is missing, expected the provider's name of a model.",
  baseUrl: 'is missing: the address of the server, such as "http://localhost:11434/v1".',
  replies: "is missing: the scripted model says nothing else.",
};

/** Names that are not in the list are allowed, for an installed package may serve them; near misses are not. */
function factsOf(provider: string): Provider {
  return providerNamed(provider) ?? PACKAGED;
}

/** Why it cannot be meant; undefined if it can. */
function providerProblem(given: string, spell: (key: string) => string): string | undefined {
  if (PROVIDER_NAMES.includes(given)) return undefined;
  const found = `found the text ${showText(given)}, which is no provider.`;
  const server = given.replace(/[-_.\s]/g, "").toLowerCase();
  for (const { name, servers } of PROVIDER_LIST) {
    const address = servers?.get(server);
    if (address !== undefined) return `${found} Use provider = "${name}" with ${spell("baseUrl")} = "${address}".`;
  }
  return nearest(given, PROVIDER_NAMES) && `${found}${didYouMean(given, PROVIDER_NAMES)}`;
}

function* ignoredKeys(model: ModelOptions): Generator<readonly [key: string, message: string]> {
  const used: readonly string[] = ["provider", "name", "maxIterations", ...factsOf(model.provider).takes];
  for (const [key, value] of Object.entries(model)) {
    if (value === undefined || used.includes(key)) continue;
    const [only, ...more] = PROVIDER_LIST.filter(({ takes }) => takes.some((taken) => taken === key));
    if (only !== undefined && more.length === 0) yield [key, `is for provider = "${only.name}" alone.`];
    else yield [key, `is of no use with provider = ${showText(model.provider)}: take it out.`];
  }
}
