import type { EventRecord } from "llmproc";
import { LLMProgram, ModelError, RunError, tool } from "llmproc";
import { checkEvents } from "llmproc/testing";
import type { CutAnswer, CutServer, Plan } from "./cut-server.ts";
import { damagedReply } from "./damage.ts";
import type { StreamFormat } from "./stream-format.ts";

const MARKED = "the place is marked";

/**
 * Lets a process get a damaged reply, and then go on. Returns what was wrong, as sentences: whatever the reply was, the
 * run ends or fails with a typed error, every start has its end, and the vendor would take each request that follows.
 */
export async function damageFaults(format: StreamFormat, server: CutServer, seed: number): Promise<readonly string[]> {
  const damaged = damagedReply(format, seed);
  const faults: string[] = [];
  const plan: Plan = { id: `seed-${seed}`, bodies: [], answer: (number) => answerOf(format, plan, damaged, number) };
  server.add(plan);
  const mark = tool({
    name: "mark",
    description: "Marks a place.",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
    execute: () => MARKED,
  });
  const model = format.model({ baseURL: server.url, headers: { "x-plan": plan.id }, idleTimeoutMs: 20_000 });
  const retry = { maxAttempts: 2, initialDelayMs: 0 };
  const proc = await new LLMProgram({ model, tools: [mark], retry, limits: { turns: 5 } }).start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  faults.push(...(await faultsOfRun(proc.run("Mark both."))));
  const next = await faultsOfRun(proc.run("Go on."), ["end"]);
  faults.push(...next.map((fault) => `the next run: ${fault}`));
  await proc.close();
  faults.push(...checkEvents(records).map(({ message }) => message));
  for (const [place, body] of plan.bodies.entries()) {
    faults.push(...format.objections(body).map((objection) => `request ${place + 1}: ${objection}`));
  }
  if (!Number.isFinite(proc.usage.usdCost) || !Number.isFinite(proc.usage.totalTokens))
    faults.push("a sum is no number");
  return faults;
}

/** The damaged reply, until the model has been told of its calls or gets the next prompt. */
function answerOf(format: StreamFormat, { bodies }: Plan, damaged: CutAnswer, number: number): CutAnswer {
  const body = JSON.stringify(bodies[number - 1]);
  const answered = ["tool_result", "tool_call_id", "function_call_output"].some((word) => body.includes(`"${word}"`));
  const goesOn = number > 4 || body.includes('"Go on."') || answered;
  return goesOn ? { contentType: "application/json", body: Buffer.from(JSON.stringify(format.done)) } : damaged;
}

async function faultsOfRun(
  run: Promise<{ stopReason: unknown }>,
  allowed: readonly unknown[] = ["end", "max_tokens", "refusal", "other"],
): Promise<string[]> {
  try {
    const { stopReason } = await run;
    return allowed.includes(stopReason) ? [] : [`it ended as ${String(stopReason)}`];
  } catch (error) {
    if (!(error instanceof RunError)) return [`it threw ${String(error)}`];
    const { stopReason, cause } = error;
    const expected = ["api_error", "interrupted", "turn_limit"].includes(stopReason) && !allowed.includes(stopReason);
    if (allowed.length === 1 || !expected) return [`it failed as ${stopReason}: ${error.message}`];
    return stopReason === "turn_limit" || cause instanceof ModelError ? [] : [`the cause is ${String(cause)}`];
  }
}
