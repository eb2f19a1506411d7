import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LLMProcError, toError } from "../../errors.ts";
import type { AiSdkProvider } from "./provider-names.ts";

/** Makes a provider of a package; its settings have other names in each. */
export type ProviderFactory = (settings: Readonly<Record<string, unknown>>) => unknown;

/**
 * The factory of a provider's package. It is looked for where this package is installed, then in the working
 * directory, so that a global installation finds what a project has.
 * @throws LLMProcError `model_unavailable` if the package is not installed, cannot be loaded, or has no factory
 */
export async function loadFactory({ name, package: packageName }: AiSdkProvider): Promise<ProviderFactory> {
  const factory = factoryIn(await load(name, packageName), packageName);
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
    return await import(pathToFileURL(fromWorkingDirectory(packageName)).href);
  } catch (error) {
    if (!isMissing(error, packageName)) throw broken(packageName, error);
    throw unavailable(
      `The provider "${name}" needs the package ${packageName}, which is not installed. Install it: npm install ${packageName}`,
      error,
    );
  }
}

function fromWorkingDirectory(packageName: string): string {
  return createRequire(join(process.cwd(), "package.json")).resolve(packageName);
}

/** That package, and not one that it imports. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isNotFound = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return isNotFound && String(message).includes(`'${packageName}'`);
}

function broken(packageName: string, cause: unknown): LLMProcError {
  return unavailable(`The package ${packageName} cannot be loaded: ${toError(cause).message}`, cause);
}

/** `createGoogle` for `@ai-sdk/google`; where no name fits, the first that creates something. */
function factoryIn(module: unknown, packageName: string): ProviderFactory | undefined {
  const exported = { ...(module as { default?: object }).default, ...(module as object) };
  const factories = Object.entries(exported).filter(
    (entry): entry is [string, ProviderFactory] => /^create[A-Z]/.test(entry[0]) && typeof entry[1] === "function",
  );
  const plain = packageName.replace(/^@ai-sdk\//, "").replaceAll("-", "");
  const [, named] = factories.find(([name]) => name.slice("create".length).toLowerCase() === plain) ?? [];
  return named ?? factories[0]?.[1];
}

function unavailable(message: string, cause?: unknown): LLMProcError {
  return new LLMProcError("model_unavailable", message, { cause });
}
