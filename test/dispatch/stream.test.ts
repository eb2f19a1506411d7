import { getEventListeners } from "node:events";
import type { EventRecord } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
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
