import { getEventListeners } from "node:events";
import type { EventRecord } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test, vi } from "vitest";
import { anyTool, failureOf, gate, hangs, inTime, recordsOf, settled } from "../process/harness.ts";

const noisy = () =>
  anyTool("noise", async ({ lines }, { process }) => {
    for (let line = 0; line < Number(lines); line++) process.writeStderr(`line ${line}`);
    return "done";
  });

test("stream() gives the records that on('*') gives, in order, and the result of the run", async () => {
  const model = scripted([{ text: "one", toolCalls: [{ name: "noise", args: { lines: 3 } }] }, { text: "two" }]);
  const proc = await new LLMProgram({ model, tools: [noisy()] }).start();
  const heard = recordsOf(proc);
  const stream = proc.stream("x");
  const pulled: EventRecord[] = [];
  for await (const record of stream) pulled.push(record);
  expect(pulled).toEqual(heard);
  expect(pulled.at(-1)?.event).toBe("run_end");
  expect(await stream.result).toMatchObject({ stopReason: "end", lastMessage: "two" });
});

test("records of children are in the stream", async () => {
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a"] } }] }, { text: "x" }],
    child: [{ text: "c" }],
  });
  const proc = await new LLMProgram({ model, tools: ["fork"] }).start();
  const ids = new Set<string>();
  for await (const record of proc.stream("x")) ids.add(record.process.id);
  expect([...ids]).toEqual([proc.id, `${proc.id}.1`]);
});

test("leaving the loop aborts the run, and stops listening", async () => {
  const reached = gate();
  const hang = anyTool("hang", hangs(reached));
  const proc = await new LLMProgram({
    model: scripted([{ toolCalls: [{ name: "hang" }] }, { text: "b" }]),
    tools: [hang],
  }).start();
  const stream = proc.stream("x");
  for await (const record of stream) if (record.event === "tool_start") break;
  expect(await inTime(failureOf(stream.result))).toMatchObject({ stopReason: "aborted" });
  expect((await proc.run("again")).lastMessage).toBe("b");
});

test("a process whose stream was left anywhere can run again at once", async () => {
  const model = scripted([{ text: "one two", toolCalls: [{ name: "echo" }] }, { text: "b" }], { repeat: true });
  const proc = await new LLMProgram({ model, tools: [anyTool("echo", () => settled())] }).start();
  for (let place = 1; place <= 12; place++) {
    let heard = 0;
    for await (const _record of proc.stream("x")) if (++heard === place) break;
    expect((await proc.run("again")).stopReason).toBe("end");
  }
  // A tool that was given up returns late, and that is noted.
  await settled();
});

test("the loop throws what the run rejects with, after its last record", async () => {
  const proc = await new LLMProgram({ model: scripted([{ error: { status: 400 } }]) }).start();
  const events: string[] = [];
  const loop = async () => {
    for await (const { event } of proc.stream("x")) events.push(event);
  };
  await expect(loop()).rejects.toBeInstanceOf(RunError);
  expect(events.at(-1)).toBe("run_end");
});

test("a stream that nobody pulls holds up nothing, and keeps every record for who pulls late", async () => {
  const model = scripted([{ toolCalls: [{ name: "noise", args: { lines: 3000 } }] }, { text: "end" }]);
  const proc = await new LLMProgram({ model, tools: [noisy()] }).start();
  const stream = proc.stream("x");
  await inTime(stream.result);
  let lines = 0;
  for await (const { event } of stream) if (event === "stderr_write") lines++;
  expect(lines).toBe(3000);
});

test("a loop that falls behind children in parallel holds them up, and lets all of them go on", async () => {
  const model = scripted({
    root: [{ toolCalls: [{ name: "fork", args: { prompts: ["a", "b"] } }] }, { text: "end" }],
    child: [
      { toolCalls: [{ name: "noise", args: { lines: 3000 } }] },
      { toolCalls: [{ name: "noise", args: { lines: 3000 } }] },
      { text: "1" },
      { text: "2" },
    ],
  });
  const proc = await new LLMProgram({ model, tools: ["fork", noisy()] }).start();
  const stream = proc.stream("x");
  let lines = 0;
  // The first record is kept until both children have written their lines: each of them then waits for the loop.
  const slow = (async () => {
    const records = stream[Symbol.asyncIterator]();
    await records.next();
    await settled();
    await settled();
    for (;;) {
      const { done, value } = await records.next();
      if (done) return;
      if (value.event === "stderr_write") lines++;
    }
  })();
  await inTime(slow);
  expect(lines).toBe(6000);
  expect((await stream.result).lastMessage).toBe("end");
});

test("the signal given to stream() aborts its run, and is let go after it", async () => {
  const reached = gate();
  const hang = anyTool("hang", hangs(reached));
  const proc = await new LLMProgram({ model: scripted([{ toolCalls: [{ name: "hang" }] }]), tools: [hang] }).start();
  const aborter = new AbortController();
  const stream = proc.stream("x", { signal: aborter.signal });
  await reached.opened;
  aborter.abort();
  expect(await inTime(failureOf(stream.result))).toMatchObject({ stopReason: "aborted" });
  expect(getEventListeners(aborter.signal, "abort")).toEqual([]);
});

const pieces = (count: number) => Array.from({ length: count }, (_, place) => `w${place}`).join(" ");

test("a loop that pauses, for however long, holds up the run and then gets every record", async () => {
  vi.useFakeTimers();
  try {
    let sent = 0;
    const reply = () => {
      sent = 0;
      return { text: pieces(5000) };
    };
    const proc = await new LLMProgram({ model: scripted([reply]) }).start();
    proc.on("response_delta", () => {
      sent++;
    });
    const records = proc.stream("x")[Symbol.asyncIterator]();
    const pulled = [(await records.next()).value];
    await vi.advanceTimersByTimeAsync(120_000);
    // It is held up a thousand records on, not at the end.
    expect(sent).toBeLessThan(1100);
    expect(sent).toBeGreaterThan(900);
    for (let next = await records.next(); !next.done; next = await records.next()) {
      pulled.push(next.value);
      if (pulled.length === 2000) await vi.advanceTimersByTimeAsync(120_000);
    }
    const text = pulled.flatMap((record) => (record?.event === "response_delta" ? [record.text] : []));
    expect(text.join("")).toBe(pieces(5000));
    expect(pulled.at(-1)?.event).toBe("run_end");
    expect(pulled.map((record) => record?.seq)).toEqual(pulled.map((_record, place) => place + 1));
  } finally {
    vi.useRealTimers();
  }
});

test("a loop that pauses after the run is over misses nothing, and the run does not wait for it", async () => {
  vi.useFakeTimers();
  try {
    const model = scripted([{ toolCalls: [{ name: "noise", args: { lines: 3000 } }] }, { text: "end" }]);
    const proc = await new LLMProgram({ model, tools: [noisy()] }).start();
    const stream = proc.stream("x");
    let lines = 0;
    let last: string | undefined;
    for await (const { event } of stream) {
      if (event === "stderr_write" && lines++ % 1000 === 0) await vi.advanceTimersByTimeAsync(60_000);
      last = event;
    }
    expect([lines, last]).toEqual([3000, "run_end"]);
    expect(await stream.result).toMatchObject({ stopReason: "end" });
  } finally {
    vi.useRealTimers();
  }
});

test("a stream has the records of its own run alone: none of forks that the host makes, nor of what they make", async () => {
  const reached = gate();
  const go = gate();
  const wait = anyTool("wait", async () => {
    reached.open();
    await go.opened;
    return "waited";
  });
  const script = {
    root: [{ toolCalls: [{ name: "wait" }, { name: "fork", args: { prompts: ["a"] } }] }, { text: "x" }, { text: "y" }],
    child: [
      { toolCalls: [{ name: "fork", args: { prompts: ["b"] } }] },
      { text: "c" },
      { text: "d" },
      { toolCalls: [{ name: "fork", args: { prompts: ["host's"] } }] },
      { text: "e" },
      { text: "f" },
    ],
  };
  const proc = await new LLMProgram({ model: scripted(script), tools: ["fork", wait] }).start();
  const stream = proc.stream("go");
  await reached.opened;
  await settled();
  const host = await proc.forkProcess({ name: "host's" });
  await host.run("and you");
  await host.close();
  go.open();
  const names = new Set<string>();
  const runs = new Set<string | undefined>();
  for await (const { process, runId } of stream) {
    names.add(process.id);
    runs.add(runId);
  }
  expect([...names]).toEqual([proc.id, `${proc.id}.1`, `${proc.id}.1.1`]);
  expect([...runs].filter((run) => run?.startsWith(`${proc.id}.r`))).toEqual([`${proc.id}.r1`]);
  // Those of an earlier run are not in the next one's.
  for await (const { runId } of proc.stream("again")) expect(runId).toBe(`${proc.id}.r2`);
});
