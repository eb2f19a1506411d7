import type { EventName, EventRecord, LLMProgramOptions, RunOptions } from "llmproc";
import { LLMProgram, Veto } from "llmproc";
import type { Script } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { anyTool } from "../process/harness.ts";
import type { Witnessed } from "../support/fold-law.ts";
import { witness } from "../support/fold-law.ts";

const echo = anyTool("echo", async ({ value }) => value ?? "ok");
const chatty = anyTool("chatty", (_args, { process }) => process.writeStderr("a line"));
const failing = anyTool("failing", () => {
  throw new Error("no");
});

const two = { text: "asking twice", toolCalls: [{ name: "echo", args: { value: "1" } }, { name: "chatty" }] };

interface Scene {
  readonly script: Script;
  readonly program?: Partial<LLMProgramOptions<LLMProgram>>;
  readonly options?: RunOptions;
  /** What is registered, or done, before the run. */
  readonly set?: (proc: Awaited<ReturnType<LLMProgram["start"]>>) => void;
  /** @default 1 */
  readonly runs?: number;
}

const refuse = (event: "run_start" | "turn_start" | "api_request" | "tool_start") => (proc: Proc) => {
  proc.on(event, () => {
    throw new Veto("refused");
  });
};
type Proc = Awaited<ReturnType<LLMProgram["start"]>>;

const SCENES: Readonly<Record<string, Scene>> = {
  text: { script: [{ text: "hello there" }] },
  "tools in parallel": { script: [two, two, { text: "done" }] },
  "tools in sequence": { script: [two, { text: "done" }], program: { parallelToolCalls: false } },
  "two runs": { script: [two, { text: "a" }, two, { text: "b" }], runs: 2 },
  "calls that cannot run": { script: [{ toolCalls: [{ name: "nobody" }, { name: "failing" }] }, { text: "done" }] },
  "a retry": {
    script: [{ error: { status: 529 } }, { error: {} }, { text: "done" }],
    program: { retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 } },
  },
  "an error": { script: [{ error: { status: 400 } }] },
  "a broken stream": { script: [{ text: "hello there", cutAfter: 6 }] },
  "the turn limit": { script: [two, two], options: { maxIterations: 2 } },
  "a stop": { script: [two, { text: "never" }], set: (proc) => void proc.on("tool_end", () => proc.stop()) },
  "an abort": { script: [two], set: (proc) => void proc.on("tool_start", () => void proc.close()) },
  "a refused run": { script: [], set: refuse("run_start") },
  "a refused turn": { script: [], set: refuse("turn_start") },
  "a refused request": { script: [], set: refuse("api_request") },
  "a refused call": { script: [two, { text: "done" }], set: refuse("tool_start") },
  forks: {
    script: {
      root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }, { name: "echo" }] }, { text: "done" }],
      child: [two, two, { text: "1" }, { text: "2" }],
    },
  },
  spawn: {
    script: {
      root: [{ toolCalls: [{ name: "spawn", args: { prompt: "a" } }] }, { text: "done" }],
      child: [{ text: "1" }],
    },
  },
  "forks that cost": {
    script: {
      root: [
        { toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }], usage: { inputTokens: 1000, outputTokens: 7 } },
        { text: "half of what was", usage: { inputTokens: 2000, outputTokens: 9 }, cutAfter: 4 },
        { text: "done", usage: { inputTokens: 3000, outputTokens: 11, cacheReadTokens: 500 } },
      ],
      child: [
        { error: { status: 529 } },
        { text: "1", usage: { inputTokens: 50, outputTokens: 3 } },
        { text: "2", usage: { inputTokens: 60, outputTokens: 4 } },
      ],
    },
    program: {
      retry: { maxAttempts: 3, initialDelayMs: 1, maxDelayMs: 1 },
      pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
    },
    runs: 2,
  },
  "a refused child": {
    script: { root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] }, { text: "done" }], child: [] },
    set: (proc) =>
      void proc.on("process_start", ({ depth }) => {
        if (depth > 0) throw new Veto("no children");
      }),
  },
  "a fault of a callback": {
    script: [{ text: "hello" }],
    set: (proc) =>
      void proc.on("response", () => {
        throw new Error("a bug");
      }),
  },
};

export const SCENE_NAMES = Object.keys(SCENES);

/** What `on("*")` hears of a real run and of closing its process. */
export async function recording(name: string): Promise<EventRecord[]> {
  return (await witnessed(name)).map(({ record }) => record);
}

/** The same, with what the processes said of themselves. */
export async function witnessed(name: string): Promise<Witnessed[]> {
  const { script, program, options, set, runs = 1 } = SCENES[name] as Scene;
  const model = scripted(script);
  const proc = await new LLMProgram({ model, tools: [echo, chatty, failing, "fork", "spawn"], ...program }).start();
  const heard: Witnessed[] = [];
  proc.on("*", (record, { process }) => heard.push(witness(record, process)));
  set?.(proc);
  for (let run = 0; run < runs; run++) await proc.run("go", options).catch(() => undefined);
  await proc.close();
  return heard;
}

/** May come anywhere or not at all, so that nobody misses one. */
export const OPTIONAL: ReadonlySet<EventName> = new Set<EventName>([
  "stderr_write",
  "callback_error",
  "response",
  "response_delta",
  "tool_result",
]);
