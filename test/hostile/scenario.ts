import type { EventRecord, LLMProcess, RunResult } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { checkEvents } from "llmproc/testing";
import { anyTool } from "../process/harness.ts";
import { hostileVendor } from "./vendor.ts";
import { KEY, PRICES } from "./visit.ts";
import type { Voice } from "./voices.ts";

export interface ScenarioOptions {
  readonly seed: number;
  readonly voice: Voice;
  /** Nothing but this deed. */
  readonly only?: string;
}

export interface Outcome {
  /** Empty if all that is promised held. */
  readonly problems: readonly string[];
  readonly deeds: readonly string[];
  readonly stopReason: string;
}

type RunLimits = NonNullable<NonNullable<Parameters<LLMProcess["run"]>[1]>["limits"]>;

const TURNS = 5;
const ATTEMPTS = 3;
const LIMIT_USD = 0.06;
/** Far beyond what a run may take. */
const HANG_MS = 30_000;

/** A run with a vendor that means harm, by a seed, and another one when it has turned kind. */
export async function playHostile({ seed, voice, only }: ScenarioOptions): Promise<Outcome> {
  await using vendor = await hostileVendor({ seed, voice, only });
  const problems: string[] = [];
  const say = (problem: string) =>
    problems.push(`${voice.name}, seed ${seed} (${vendor.deeds.join(", ")}): ${problem}`);
  const program = new LLMProgram({
    model: voice.model(vendor.url, KEY, 300),
    parameters: { [voice.maxTokens]: 150, stream: seed % 5 !== 0 },
    tools: [anyTool("note", ({ text }) => `noted ${JSON.stringify(text) ?? "nothing"}`)],
    pricing: { inputUsdPerMillion: PRICES.input * 1e6, outputUsdPerMillion: PRICES.output * 1e6 },
    limits: { usd: LIMIT_USD, turns: TURNS },
    retry: { maxAttempts: ATTEMPTS, initialDelayMs: 0, maxDelayMs: 0, deadlineMs: 1000 },
  });
  const proc = await program.start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  const first = await outcomeOf(proc, "go", say, { wallMs: 1500 });
  if (vendor.requests > TURNS * ATTEMPTS) say(`${vendor.requests} requests`);
  const { usdCost, usdUncertain } = proc.usage;
  // What a vendor tells may be more than it could bill: then it is counted, and nothing more is sent.
  if (vendor.billedUsd > LIMIT_USD + 1e-9) say(`billed $${vendor.billedUsd}, over the limit`);
  if (usdCost + usdUncertain < vendor.billedUsd - 1e-9)
    say(`billed $${vendor.billedUsd}, counted $${usdCost + usdUncertain}`);
  vendor.turnKind();
  // A busy machine may be slower than the time that a stream has: then the run says so, and another one goes on.
  let second = "";
  for (let again = 0; again < 5 && second !== "end" && second !== "cost_limit"; again++) {
    second = await outcomeOf(proc, "go on", say);
  }
  if (second !== "end" && second !== "cost_limit") say(`afterwards the run ended with ${second}`);
  for (const body of vendor.bodies)
    for (const problem of voice.problems(body)) say(`a body that is refused: ${problem}`);
  if (vendor.billedUsd > LIMIT_USD + 1e-9) say(`billed $${vendor.billedUsd} in the end, over the limit`);
  if (vendor.strayed > 0) say(`${vendor.strayed} requests went elsewhere`);
  if (JSON.stringify([records, proc.messages, proc.stderrLog]).includes(KEY)) say("the key was told");
  await proc.close();
  for (const { message } of checkEvents(records)) say(message);
  return { problems, deeds: vendor.deeds, stopReason: first };
}

/** Why a run ended; it must not hang, and its error must keep the key. */
async function outcomeOf(
  proc: LLMProcess,
  prompt: string,
  say: (problem: string) => void,
  limits: RunLimits = {},
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<"hung">((resolve) => {
    timer = setTimeout(() => resolve("hung"), HANG_MS);
  });
  const settled = proc.run(prompt, { limits }).then(
    (result) => result,
    (error: unknown) => error,
  );
  const outcome: unknown = await Promise.race([settled, hung]);
  clearTimeout(timer);
  if (outcome === "hung") {
    say("hung");
    return "hung";
  }
  if (!(outcome instanceof Error)) return String((outcome as RunResult).stopReason);
  if (!(outcome instanceof RunError)) {
    say(`rejected with ${String(outcome)}`);
    return "error";
  }
  if (textOf(outcome).includes(KEY)) say("the key stands in an error");
  return outcome.stopReason;
}

/** All that can be read of an error. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message} ${error.stack} ${textOf(error.cause ?? "")}`;
}
