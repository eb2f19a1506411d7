import type { LLMProcess } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { chatCompletionsProblems } from "../test/support/provider-rules.ts";
import type { Chance } from "./chance.ts";
import { faultyModel, PLAIN_PROMPT } from "./faulty-model.ts";
import { FAULTY_TOOLS } from "./faulty-tools.ts";
import { Subject } from "./subject.ts";
import { ticks } from "./ticks.ts";
import { Witness } from "./witness.ts";

/** Long enough for any machine: what takes longer hangs. */
const HANGS_MS = 30_000;

export interface Outcome {
  readonly tally: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** One process from its start to its end, with callbacks, tools and a model that misbehave. */
export async function playScenario(chance: Chance, shared: AbortSignal): Promise<Outcome> {
  const proc = await programOf(chance).start();
  const witness = new Witness();
  const problems: string[] = [];
  try {
    await withinTime(play(proc, witness, chance, shared, problems));
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { tally: witness.tally, problems };
}

async function play(
  proc: LLMProcess,
  witness: Witness,
  chance: Chance,
  shared: AbortSignal,
  problems: string[],
): Promise<void> {
  const aborter = new AbortController();
  witness.register(proc);
  const subjects = Array.from({ length: chance.below(5) }, (_, place) => {
    return new Subject(`subject ${place}`, chance.for("subject", place), () => aborter.abort());
  });
  for (const subject of subjects) subject.register(proc);
  // Half of the runs share one signal that never aborts: whoever listens to it must stop.
  const signal = chance.happens(0.5) ? shared : AbortSignal.any([aborter.signal, shared]);
  const disturbances: Promise<void>[] = [];
  const runs = 1 + chance.below(3);
  for (let run = 1; run <= runs; run++) {
    disturbances.push(disturb(proc, chance.for("disturb", run), aborter));
    if (!(await settled(proc, `prompt ${run}`, signal, chance.for("run", run), problems))) break;
  }
  await goOn(proc, problems);
  await Promise.all(disturbances);
  await proc.close();
  // Handlers that settle after their time do so now.
  await new Promise((resolve) => setTimeout(resolve, 30));
  await ticks(20);
  problems.push(...witness.problems(subjects));
  const { toolCalls } = proc.usage;
  const started = witness.count("tool_start");
  if (toolCalls !== started) problems.push(`${toolCalls} tool calls counted, ${started} started`);
}

/** Somebody outside ends the run, now and then. */
async function disturb(proc: LLMProcess, draw: Chance, aborter: AbortController): Promise<void> {
  if (!draw.happens(0.3)) return;
  const ends: [() => void, ...(() => void)[]] = [() => aborter.abort(), () => proc.stop(), () => void proc.close()];
  const end = draw.pick(ends);
  await ticks(draw.below(40));
  end();
}

/** False once the process is closed. Some runs are pulled as a stream, and some of those are left in the middle. */
async function settled(
  proc: LLMProcess,
  prompt: string,
  signal: AbortSignal,
  draw: Chance,
  problems: string[],
): Promise<boolean> {
  try {
    if (draw.happens(0.8)) await proc.run(prompt, { signal });
    else for await (const _record of proc.stream(prompt, { signal })) if (draw.happens(0.02)) break;
  } catch (error) {
    if (codeOf(error) === "process_closed") return false;
    if (!(error instanceof RunError)) problems.push(`run() rejected with ${String(error)}`);
  }
  return true;
}

/** The conversation is one that a provider would accept, and another run either works or is refused by a callback. */
async function goOn(proc: LLMProcess, problems: string[]): Promise<void> {
  const { messages } = proc;
  problems.push(...chatCompletionsProblems([...messages, { role: "user", content: [{ type: "text", text: "x" }] }]));
  try {
    await proc.run(PLAIN_PROMPT);
  } catch (error) {
    if (!(error instanceof RunError) && codeOf(error) !== "process_closed") problems.push(`going on: ${String(error)}`);
  }
}

function programOf(chance: Chance): LLMProgram {
  const limits = {
    turns: 12,
    children: chance.pick([0, 2, 5, 20]),
    depth: chance.pick([1, 2, 3]),
    parallelCalls: chance.pick([1, 2, 50]),
  };
  return new LLMProgram({
    model: faultyModel(chance),
    tools: [...FAULTY_TOOLS, "fork", "spawn"],
    limits,
    retry: { maxAttempts: 3, initialDelayMs: 0, maxDelayMs: 0 },
    pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

async function withinTime(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`It hangs: nothing came of it in ${HANGS_MS} ms.`)), HANGS_MS);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
