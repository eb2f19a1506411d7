import type { LLMProcess } from "llmproc";
import { LLMProgram } from "llmproc";
import type { Script } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

const usage = { inputTokens: 0, outputTokens: 100 };
const call = (name: string, args: Record<string, number | string | string[]>) => ({
  toolCalls: [{ name, args }],
  usage,
});

/** A reply of 100 tokens costs ten cents, and may cost that at most. */
async function start(script: Script, limits: { usd?: number; tokens?: number; shares?: boolean }): Promise<LLMProcess> {
  const program = new LLMProgram({
    model: scripted(script),
    tools: ["fork", "spawn", "budget"],
    parameters: { max_tokens: 100 },
    pricing: { inputUsdPerMillion: 0, outputUsdPerMillion: 1000 },
    limits,
  });
  return program.start();
}

function answers(proc: LLMProcess): readonly string[] {
  return proc.messages.flatMap((message) => (message.role === "tool" ? message.content.map((r) => r.content) : []));
}

test("where the program lets it, a model says what a fork may cost; the child ends at that", async () => {
  const root = [call("fork", { prompts: ["a", "b"], usd: 0.25 }), { text: "done", usage }];
  const child = Array.from({ length: 8 }, () => call("budget", {}));
  const proc = await start({ root, child }, { usd: 10, shares: true });
  const seen: unknown[] = [];
  proc.on("process_end", ({ depth, limits, usage: { usdCost } }) => {
    if (depth === 1) seen.push([limits.usd?.limit, usdCost]);
  });
  const result = await proc.run("go");
  expect(seen).toEqual([
    [0.25, expect.closeTo(0.2, 9)],
    [0.25, expect.closeTo(0.2, 9)],
  ]);
  const [answer = ""] = answers(proc);
  expect(answer).toContain("The next request can come to $0.1000, and the limit of $0.2500 of process");
  expect(result.usdCost).toBeCloseTo(0.6, 9);
});

test("a spawned process has its share, too, and a share holds for all below it", async () => {
  const root = [call("spawn", { prompt: "go", usd: 0.35 }), { text: "done", usage }];
  const child = [call("fork", { prompts: ["x"], usd: 5 }), call("budget", {}), call("budget", {}), call("budget", {})];
  const proc = await start({ root, child }, { usd: 10, shares: true });
  const result = await proc.run("go");
  expect(answers(proc).join()).toContain("the limit of $0.3500 of process");
  expect(result.usdCost).toBeCloseTo(0.2 + 0.3, 9);
});

test("a linked program brings its own limits along, under those of the process that starts it", async () => {
  const parts = { tools: ["budget"], parameters: { max_tokens: 100 } };
  const pricing = { inputUsdPerMillion: 0, outputUsdPerMillion: 1000 };
  const linked = (usd: number) =>
    new LLMProgram({ ...parts, pricing, model: scripted([call("budget", {})], { repeat: true }), limits: { usd } });
  const spawning = ["little", "much"].map((program_name) => call("spawn", { prompt: "go", program_name }));
  const parent = new LLMProgram({
    ...parts,
    pricing,
    model: scripted([...spawning, { text: "done", usage }]),
    tools: ["spawn"],
    linkedPrograms: { little: linked(0.35), much: linked(5) },
    limits: { usd: 1 },
  });
  const proc = await parent.start();
  const limits: unknown[] = [];
  proc.on("process_end", ({ depth, usage: { usdCost } }) => depth === 1 && limits.push(usdCost));
  await expect(proc.run("go")).rejects.toThrow(/the limit of \$1\.00 of process/);
  expect(limits).toEqual([expect.closeTo(0.3, 9), expect.closeTo(0.5, 9)]);
  expect(proc.usage.usdCost).toBeCloseTo(1, 9);
});

test("where it does not, there is no such argument", async () => {
  const proc = await start([call("fork", { prompts: ["a"], usd: 1 }), { text: "done", usage }], { usd: 10 });
  await proc.run("go");
  expect(answers(proc).join()).toMatch(/usd/);
  expect(proc.usage.apiCalls).toBe(2);
});

test("a model that asks is told what is left of each limit", async () => {
  const script = [call("budget", {}), { text: "done", usage }];
  const limited = await start(script, { usd: 1, tokens: 5000 });
  await limited.run("go");
  expect(JSON.parse(answers(limited).join())).toEqual({
    usd: { limit: 1, spent: 0.1, reserved: 0, left: 0.9 },
    tokens: { limit: 5000, spent: 100, reserved: 0, left: 4900 },
  });
  const free = await start(script, {});
  await free.run("go");
  expect(answers(free)).toEqual(["No limit of cost or tokens holds for you."]);
});

test.each([
  [{ usdd: 1 }, 'limits.usdd is no limit of a run. Did you mean "usd"?'],
  [{ wall_ms: 1 }, 'limits.wall_ms is no limit of a run. Did you mean "wallMs"?'],
])("a slip in the name of a run's limit is refused: %j", async (limits: object, message) => {
  const proc = await new LLMProgram({ model: scripted([{ text: "x" }]) }).start();
  await expect(proc.run("x", { limits })).rejects.toMatchObject({ code: "run_invalid", message });
});

test("a share takes usd and tokens, and says so of anything else", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "x" }]) }).start();
  const fork = async () => await proc.forkProcess({ limits: { wallMs: 1 } as object });
  await expect(fork()).rejects.toMatchObject({
    code: "run_invalid",
    message: "limits.wallMs is no limit of a child. There are usd, tokens.",
  });
});
