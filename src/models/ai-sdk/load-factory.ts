import { LLMProcError } from "../../errors.ts";
import { loadPackage } from "../wire/load-package.ts";
import type { PackagedProvider } from "./packaged-provider.ts";

/** Makes a provider of a package; its settings have other names in each. */
export type ProviderFactory = (settings: Readonly<Record<string, unknown>>) => unknown;

/**
 * The factory of a provider's package.
 * @throws LLMProcError `model_unavailable` if the package is not installed, cannot be loaded, or has no factory
 */
export async function loadFactory({ name, package: packageName }: PackagedProvider): Promise<ProviderFactory> {
  const factory = factoryIn(await loadPackage(packageName, name), [name, packageName]);
  if (factory !== undefined) return factory;
  const message = `The package ${packageName} has no function "create…", as providers of the AI SDK have.`;
  throw new LLMProcError("model_unavailable", message);
}

/** `createGoogle` for `@ai-sdk/google`; where no name fits, the first that creates something. */
function factoryIn(module: unknown, names: readonly string[]): ProviderFactory | undefined {
  const exported = { ...(module as { default?: object }).default, ...(module as object) };
  const factories = Object.entries(exported).filter(
    (entry): entry is [string, ProviderFactory] => /^create[A-Z]/.test(entry[0]) && typeof entry[1] === "function",
  );
  const wanted = names.map((name) => `create${name.replace(/^@ai-sdk\//, "").replaceAll(/[-_]/g, "")}`);
  const [, named] = factories.find(([name]) => wanted.includes(name.toLowerCase())) ?? [];
  return named ?? factories[0]?.[1];
}
