import { LLMProcError, toError } from "../../errors.ts";
import { oneLine } from "./error-body.ts";
import { packageEntry } from "./package-entry.ts";

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
    const entry = packageEntry(packageName, process.cwd());
    if (entry !== undefined) return await import(entry);
  } catch (error) {
    throw broken(packageName, error);
  }
  throw new LLMProcError(
    "model_unavailable",
    `The provider "${provider}" needs the package ${packageName}, which is not installed. Install it: npm install ${packageName}`,
  );
}

/** That package, and not one that it imports. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = toError(error) as Error & { code?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && message.includes(`'${packageName}'`);
}

function broken(packageName: string, cause: unknown): LLMProcError {
  const message = `The package ${packageName} cannot be loaded: ${oneLine(toError(cause).message)}`;
  return new LLMProcError("model_unavailable", message, { cause });
}
