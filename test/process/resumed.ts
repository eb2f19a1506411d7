import type { EventRecord, LLMProcess } from "llmproc";
import { fold, LLMProgram } from "llmproc";
import { expect } from "vitest";
import { registerCallback } from "../../src/dispatch/register.ts";
import type { ProcessSeed } from "../../src/events/seed.ts";
import { LLMProcess as Process } from "../../src/process/llm-process.ts";

/* A process is cut after an event, and another goes on from its seed, which was JSON in between. */

export type Options = ConstructorParameters<typeof LLMProgram>[0];

export const cutAfter = (records: readonly EventRecord[], is: (record: EventRecord) => boolean) => {
  const place = records.findIndex(is);
  expect(place).toBeGreaterThanOrEqual(0);
  return records.slice(0, place + 1);
};
export const cutAtLast = (records: readonly EventRecord[], event: EventRecord["event"]) =>
  records.slice(0, records.findLastIndex((record) => record.event === event) + 1);

export function seedOf(records: readonly EventRecord[]): ProcessSeed {
  const [first] = records;
  const seed = fold(records).seed(first?.process.rootId ?? "");
  if (seed === undefined) throw new Error("There is no seed.");
  return JSON.parse(JSON.stringify(seed)) as ProcessSeed;
}

export async function goOn(
  records: readonly EventRecord[],
  options: Options,
  callbacks: readonly object[] = [],
): Promise<LLMProcess> {
  const program = await new LLMProgram(options).toProcessProgram();
  const registered = callbacks.map((callback) => registerCallback(callback));
  return await Process.begin({ program, from: seedOf(records), callbacks: registered }, () => {});
}
