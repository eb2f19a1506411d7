import type { RunResult } from "../events/run-result.ts";
import type { ChildProcess } from "../process/contract/tool.ts";

/**
 * Runs a child for one prompt and closes it, whatever happens; when the signal aborts, at once.
 *
 * @throws what starting the child or its run throws, and the signal's reason
 */
export async function runChild(
  starting: PromiseLike<ChildProcess>,
  prompt: string,
  signal: AbortSignal,
): Promise<RunResult> {
  const child = await starting;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    return await Promise.race([child.run(prompt), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
    await child.close();
  }
}
