import { describe, LLMProcError, toError } from "../../errors.ts";
import { packageEntry } from "./package-entry.ts";
import type { AiSdkProvider } from "./provider-names.ts";

/** Makes a provider of a package; its settings have other names in each. */
export type ProviderFactory = (settings: Readonly<Record<string, unknown>>) => unknown;

/**
 * The factory of a provider's package. It is looked for where this package is installed, then in the working
 * directory, so that a global installation finds what a project has.
 * @throws LLMProcError `model_unavailable` if the package is not installed, cannot be loaded, or has no factory
 */
export async function loadFactory({ name, package: packageName }: AiSdkProvider): Promise<ProviderFactory> {
  const factory = factoryIn(await load(name, packageName), [name, packageName]);
  if (factory !== undefined) return factory;
  throw unavailable(`The package ${packageName} has no function "create…", as providers of the AI SDK have.`);
}

async function load(name: string, packageName: string): Promise<unknown> {
  try {
    return await import(packageName);
  } catch (error) {
    if (!isMissing(error, packageName)) throw broken(packageName, error);
  }
  try {
    const entry = packageEntry(packageName, process.cwd());
    if (entry !== undefined) return await import(entry);
  } catch (error) {
    throw broken(packageName, error);
  }
  throw unavailable(
    `The provider "${name}" needs the package ${packageName}, which is not installed. Install it: npm install ${packageName}`,
  );
}

/** That package, and not one that it imports. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${packageName}'`);
}

function broken(packageName: string, cause: unknown): LLMProcError {
  const text = toError(cause).message.replaceAll(/\s+/g, " ");
  return unavailable(`The package ${packageName} cannot be loaded: ${describe(text)}`, cause);
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

function unavailable(message: string, cause?: unknown): LLMProcError {
  return new LLMProcError("model_unavailable", message, { cause });
}
