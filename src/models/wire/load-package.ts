import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LLMProcError, toError } from "../../errors.ts";

/**
 * A package that users install themselves. It is looked for where this package is installed, then in the working
 * directory, so that a global installation finds what a project has.
 * @throws LLMProcError `model_unavailable` if it is not installed, or cannot be loaded
 */
export async function loadPackage(packageName: string, provider: string): Promise<unknown> {
  try {
    return await import(packageName);
  } catch (error) {
    if (!isMissing(error, packageName)) throw broken(packageName, error);
  }
  try {
    const require = createRequire(join(process.cwd(), "package.json"));
    return await import(pathToFileURL(require.resolve(packageName)).href);
  } catch (error) {
    if (!isMissing(error, packageName)) throw broken(packageName, error);
    throw new LLMProcError(
      "model_unavailable",
      `The provider "${provider}" needs the package ${packageName}, which is not installed. Install it: npm install ${packageName}`,
      { cause: error },
    );
  }
}

/** That package, and not one that it imports. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = toError(error) as Error & { code?: unknown };
  const isNotFound = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return isNotFound && message.includes(`'${packageName}'`);
}

function broken(packageName: string, cause: unknown): LLMProcError {
  const message = `The package ${packageName} cannot be loaded: ${toError(cause).message}`;
  return new LLMProcError("model_unavailable", message, { cause });
}
