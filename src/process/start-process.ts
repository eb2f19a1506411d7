import { registerCallback } from "../dispatch/register.ts";
import type { Callback } from "../events/callback.ts";
import type { ProcessProgram } from "./contract/process-program.ts";
import type { LLMProcess } from "./llm-process.ts";
import { checkStartOptions } from "./state/start-options.ts";
import { ProcessPromise } from "./tree/process-promise.ts";

/** A program with its model and tools at hand, and the callbacks that come with it. */
export interface Ready {
  readonly program: ProcessProgram;
  readonly callbacks: readonly Callback[];
}

/**
 * Starts a process of what is being made ready. What runs it is loaded with the first one, so that importing the package
 * does not have to.
 */
export function startProcess(ready: () => Promise<Ready>, options: unknown): ProcessPromise<LLMProcess> {
  const { name, callbacks: own, messages = [], budget } = checkStartOptions(options);
  const given = own.map((callback) => registerCallback(callback));
  return new ProcessPromise(async (adopt) => {
    const [{ LLMProcess }, { program, callbacks }] = await Promise.all([import("./llm-process.ts"), ready()]);
    const registrations = [...callbacks.map((callback) => registerCallback(callback)), ...given];
    return LLMProcess.begin({ program, from: { name, messages }, callbacks: registrations, budget }, adopt);
  });
}
