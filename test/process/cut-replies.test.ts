import type { EventRecord, LLMProcess } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import type { WireAnswer, WireEvent } from "../support/wire-server.ts";
import type { Format } from "./formats.ts";
import { chat, FORMATS, messages, mistral, responses } from "./formats.ts";
import { anyTool, expectWellFormed, recordsOf } from "./harness.ts";

const used = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
const calls = [
  { id: "call_a", name: "clean", args: { path: "/" } },
  { id: "call_b", name: "clean", args: {} },
];
const ALL = [...FORMATS, mistral];

interface Started {
  readonly proc: LLMProcess;
  readonly ran: unknown[];
  readonly records: readonly EventRecord[];
}

async function start(model: ReturnType<Format["model"]>, options: object = {}): Promise<Started> {
  const ran: unknown[] = [];
  const tools = [anyTool("clean", (args) => ran.push(args))];
  const proc = await new LLMProgram({ model, tools, retry: { maxAttempts: 1 }, ...options }).start();
  return { proc, ran, records: recordsOf(proc) };
}

function startsAndEnds(records: readonly EventRecord[]): unknown[] {
  return records.flatMap((record) => {
    if (record.event === "tool_start") return [["start", record.callId, record.invalid?.slice(0, 8)]];
    if (record.event === "tool_end") return [["end", record.callId, record.result.isError]];
    return [];
  });
}

const BOTH_REFUSED = [
  ["start", "call_a", "Not run:"],
  ["end", "call_a", true],
  ["start", "call_b", "Not run:"],
  ["end", "call_b", true],
];

describe.each(ALL)("in $name, a reply with calls", (format) => {
  const cut = { message: format.toScript({ toolCalls: calls, usage: used, stopReason: "max_tokens" }) };
  const done = { message: format.toScript({ text: "I am done", usage: used }) };

  async function serving(answers: readonly WireAnswer[], options: object = {}) {
    let next = 0;
    const server = await format.serve(() => answers[next++] ?? { status: 500 });
    return { server, ...(await start(format.model(server.url), options)) };
  }

  test("that is cut at its length runs none of them; the model reads why, and is asked again", async () => {
    const { server, proc, ran, records } = await serving([cut, done]);
    await using _closing = server;
    expect(await proc.run("go")).toMatchObject({ stopReason: "end", lastMessage: "I am done", apiCalls: 2 });
    expect(ran).toEqual([]);
    expect(new Set(startsAndEnds(records).map(String))).toEqual(new Set(BOTH_REFUSED.map(String)));
    // In JSON within JSON, or as it is.
    expect(server.requests[1]?.raw.toString()).toContain("the reply was cut at its length");
    expect(proc.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  test("that is cut each time is asked for three times in all, not up to the turn limit", async () => {
    const { server, proc, ran } = await serving([cut, cut, cut, cut, cut], { limits: { turns: 20 } });
    await using _closing = server;
    expect(await proc.run("go")).toMatchObject({ stopReason: "max_tokens", apiCalls: 3 });
    expect(ran).toEqual([]);
    expect(server.requests).toHaveLength(3);
  });
});

/** Arguments that are not even begun, or break off, as each format streams them. */
function brokenCall(format: Format, json: string): WireAnswer {
  if (format === messages) {
    const { content = [] } = format.toScript({ toolCalls: calls.slice(0, 1) }) as { content?: object[] };
    const events = format.events({ content, stop_reason: "max_tokens" });
    const deltas = events.filter(({ type }) => type === "content_block_delta");
    const delta = { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: json } };
    const place = events.indexOf(deltas[0] ?? {});
    const kept = events.filter((event) => !deltas.includes(event));
    return { events: json === "" ? kept : kept.toSpliced(place, 0, delta) };
  }
  if (format === responses) {
    const call = { type: "function_call", id: "fc_1", call_id: "call_a", name: "clean", arguments: json };
    const reason = { incomplete_details: { reason: "max_output_tokens" } };
    return { message: { output: [{ ...call, status: "incomplete" }], status: "incomplete", ...reason } };
  }
  const call = { index: 0, id: "call_a", type: "function", function: { name: "clean", arguments: json } };
  const chunk = (delta: object, finish: string | null) => ({
    id: "c",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return { events: [chunk({ role: "assistant", tool_calls: [call] }, null), chunk({}, "length")] };
}

describe.each(FORMATS)("in $name, a call that its length cut", (format) => {
  test.each([
    ["before its arguments", ""],
    ["within them", '{"path":"/ho'],
    ["behind them", '{"path":"/home"}'],
  ])("%s does not run", async (_where, json) => {
    const done = { message: format.toScript({ text: "I am done" }) };
    const answers = [brokenCall(format, json), done];
    await using server = await format.serve(() => answers.shift() ?? { status: 500 });
    const { proc, ran, records } = await start(format.model(server.url));
    expect(await proc.run("go")).toMatchObject({ stopReason: "end", apiCalls: 2 });
    expect(ran).toEqual([]);
    expect(startsAndEnds(records)).toMatchObject([
      ["start", "call_a", "Not run:"],
      ["end", "call_a", true],
    ]);
  });
});

test("a server that names calls as the reason for a reply that used up its length is not believed", async () => {
  const broken = brokenCall(chat, '{"path":"/ho').events ?? [];
  const named = JSON.parse(JSON.stringify(broken).replace('"length"', '"tool_calls"')) as WireEvent[];
  const counted = (tokens: number) => ({ choices: [], usage: { prompt_tokens: 9, completion_tokens: tokens } });
  for (const [tokens, requests, end] of [
    [50, 3, "max_tokens"],
    [49, 4, "turn_limit"],
  ] as const) {
    await using server = await chat.serve(() => ({ events: [...named, counted(tokens)] }));
    const options = { parameters: { max_tokens: 50 }, limits: { turns: 4 } };
    const { proc, ran } = await start(chat.model(server.url), options);
    const outcome = await proc.run("go").catch((error: unknown) => error);
    expect(outcome).toMatchObject({ stopReason: end });
    expect(ran).toEqual([]);
    expect(server.requests).toHaveLength(requests);
  }
});

describe("a scripted reply", () => {
  const asking = (stopReason: "max_tokens" | "refusal" | "other", stopDetail?: string) => ({
    toolCalls: calls,
    stopReason,
    ...(stopDetail !== undefined && { stopDetail }),
  });

  test("that is cut in its last turn tells the caller so", async () => {
    const { proc, ran } = await start(scripted([asking("max_tokens")]), { limits: { turns: 1 } });
    expect(await proc.run("go")).toMatchObject({ stopReason: "max_tokens", apiCalls: 1 });
    expect(ran).toEqual([]);
    expectWellFormed(proc.messages);
  });

  test("that is whole in between begins the count of cut ones anew", async () => {
    const cut = asking("max_tokens");
    const whole = { toolCalls: [{ name: "clean", args: {} }] };
    const { proc, ran } = await start(scripted([cut, cut, whole, cut, cut, { text: "done" }]));
    expect(await proc.run("go")).toMatchObject({ stopReason: "end", apiCalls: 6 });
    expect(ran).toHaveLength(1);
    // A new run does too.
    const again = await start(scripted([cut, cut, cut, cut, cut, cut], {}));
    expect(await again.proc.run("a")).toMatchObject({ stopReason: "max_tokens", apiCalls: 3 });
    expect(await again.proc.run("b")).toMatchObject({ stopReason: "max_tokens", apiCalls: 3 });
  });

  test("that is cut runs no call, whatever a guard answers", async () => {
    const { proc, ran, records } = await start(scripted([asking("max_tokens"), { text: "done" }]));
    const { answer, replaceArgs } = await import("llmproc");
    proc.on("tool_start", () => answer("all clean"));
    proc.on("tool_start", () => replaceArgs({ path: "/tmp" }));
    await proc.run("go");
    expect(ran).toEqual([]);
    expect(startsAndEnds(records).filter((one) => String(one).startsWith("end"))).toEqual([
      ["end", "call_a", true],
      ["end", "call_b", true],
    ]);
  });

  test.each(["refusal", "other"] as const)("that ends as %s runs none of its calls, and ends the run", async (why) => {
    const { proc, ran, records } = await start(scripted([asking(why, "SAFETY"), { text: "go on" }]));
    expect(await proc.run("go")).toMatchObject({ stopReason: why, apiCalls: 1 });
    expect(ran).toEqual([]);
    expect(startsAndEnds(records)).toHaveLength(4);
    expect(proc.stderrLog.join()).toContain("SAFETY");
    expectWellFormed(proc.messages);
    expect(await proc.run("and now?")).toMatchObject({ stopReason: "end", lastMessage: "go on" });
  });

  test("whose reason has a name of its own says it on stderr, with calls or without", async () => {
    const { proc, records } = await start(scripted([{ text: "half", stopReason: "other", stopDetail: "abort" }]));
    expect(await proc.run("go")).toMatchObject({ stopReason: "other", lastMessage: "half" });
    expect(proc.stderrLog).toEqual([
      "The provider stopped the reply with the reason abort, which is not known here: it may not be whole.",
    ]);
    expect(records.find(({ event }) => event === "stderr_write")?.turn).toBe(1);
  });

  test("whose text is blank says nothing, so it is no response", async () => {
    for (const text of [" ", "\n\n\t", "\u200b\ufeff", "\u2800\u00a0"]) {
      const { proc, records } = await start(scripted([{ text, toolCalls: calls.slice(1) }, { text: "x" }]));
      await proc.run("go");
      expect(records.flatMap((record) => (record.event === "response" ? [record.text] : []))).toEqual(["x"]);
    }
    const { proc } = await start(scripted([{ text: "said" }, { text: " \n" }]));
    await proc.run("a");
    expect(await proc.run("b")).toMatchObject({ lastMessage: "" });
    expect(proc.lastMessage).toBe("");
  });
});

test("in Chat Completions, a blank text beside a call raises no response", async () => {
  const message = { message: chat.toScript({ text: "\n\n", toolCalls: calls.slice(1), usage: used }) };
  const done = { message: chat.toScript({ text: "I am done", usage: used }) };
  const answers = [message, done];
  await using server = await chat.serve(() => answers.shift() ?? { status: 500 });
  const { proc, records } = await start(chat.model(server.url));
  await proc.run("go");
  expect(records.flatMap((record) => (record.event === "response" ? [record.text] : []))).toEqual(["I am done"]);
});
