import type { Sources } from "./project-files.ts";
import { readModule } from "./read-module.ts";

/** The list of all providers. */
const LIST = "src/models/providers.ts";
const AI_SDK = "src/models/ai-sdk";

export interface ProviderNames {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly package?: string;
}

/**
 * Where a provider is named by a text, alone or as a word in quotes, outside the list and its own folder: there is a
 * second list then, or code that knows one provider from the others.
 */
export function providerNameFaults(sources: Sources, providers: readonly ProviderNames[]): string[] {
  const homes = new Set([...sources.keys()].flatMap((path) => /^src\/models\/[^/]+/.exec(path)?.[0] ?? []));
  const homeOf = new Map(
    providers.flatMap((provider) => {
      const home = provider.package === undefined ? nearestHome(provider.name, homes) : AI_SDK;
      const names = [provider.name, ...(provider.aliases ?? []), ...(provider.package ? [provider.package] : [])];
      return names.map((name) => [name, home] as const);
    }),
  );
  return [...sources].flatMap(([path, source]) => {
    if (path === LIST) return [];
    const words = new Set(readModule(path, source).literals.flatMap(wordsIn));
    return [...words].flatMap((word) => {
      const home = homeOf.get(word);
      return home === undefined || isIn(path, home) ? [] : [`${path} names the provider "${word}"`];
    });
  });
}

/** A text as a whole, and what stands in it in quotes. */
function wordsIn(text: string): readonly string[] {
  return [text, ...[...text.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word)];
}

/** `src/models/anthropic` for `anthropic_vertex`: the longest name that it begins with. */
function nearestHome(provider: string, homes: ReadonlySet<string>): string {
  const fitting = [...homes].filter((home) => `${provider}_`.startsWith(`${homeName(home)}_`));
  return fitting.sort((one, other) => other.length - one.length)[0] ?? LIST;
}

function homeName(home: string): string {
  return home.replace("src/models/", "").replace(/\.ts$/, "").replaceAll("-", "_");
}

function isIn(path: string, home: string): boolean {
  return path === home || path.startsWith(`${home}/`);
}
