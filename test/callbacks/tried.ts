import { shadow } from "../../src/callbacks/shadow.ts";
import type { Callback, ObjectCallback } from "../../src/events/callback.ts";
import { programOf } from "./program.ts";

export const CALL = { toolCalls: [{ name: "echo", args: { text: "hello" } }] };

/** A run of one call under a shadowed guard: its results, its reports, and the faults that others hear. */
export async function tried(guard: Callback, { script = [CALL, { text: "done" }], options = {} } = {}) {
  const trial = shadow(guard as ObjectCallback, options);
  const proc = await programOf(script).start().addCallback(trial);
  const results: string[] = [];
  proc.on("tool_end", (_toolName, { content }, info) => results.push(info.deniedBy ?? info.answeredBy ?? content));
  const faults: { callback: string; event: string; message: string }[] = [];
  proc.on("callback_error", ({ callback, event, error: { message } }) => faults.push({ callback, event, message }));
  const result = await proc.run("go");
  return { proc, result, results, faults, reports: trial.reports };
}
