import type { Reply } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { anyTool, customModel, gate, inTime, settled, textReply } from "../process/harness.ts";

test("run() settles only when an async observer has heard every event, in order", async () => {
  const model = scripted([{ text: "one two three", toolCalls: [{ name: "echo" }] }, { text: "four" }]);
  const proc = await new LLMProgram({ model, tools: [anyTool("echo", () => "ok")] }).start();
  const fast: string[] = [];
  const slow: string[] = [];
  let busy = 0;
  let busiest = 0;
  proc.on("*", ({ event }) => {
    if (event !== "response_delta") fast.push(event);
  });
  proc.on(
    "*",
    async ({ event }) => {
      busiest = Math.max(busiest, ++busy);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (event !== "response_delta") slow.push(event);
      busy--;
    },
    { observe: true },
  );
  await proc.run("x");
  expect(slow).toEqual(fast);
  expect(busiest).toBe(1);
  expect(slow.at(-1)).toBe("run_end");
});

test("an async handler that guards nothing does not hold up the run", async () => {
  const open = gate();
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const reached = gate();
  proc.on("turn_end", () => reached.open());
  proc.on("response", () => open.opened);
  let over = false;
  const run = proc.run("x").then(() => {
    over = true;
  });
  await inTime(reached.opened);
  await settled();
  expect(over).toBe(false);
  open.open();
  await inTime(run);
});

test("pieces that arrive while a handler is busy are joined, and no text is lost at any pace", async () => {
  const pieces = Array.from({ length: 40 }, (_, place) => `${place} `);
  for (const handledAfter of [1, 2, 3, 5, 40]) {
    const release: (() => void)[] = [];
    const model = customModel(async (io): Promise<Reply> => {
      await io.beforeSend({});
      for (const [place, piece] of pieces.entries()) {
        void io.onText(piece);
        if (place % handledAfter === 0) release.shift()?.();
        await settled();
      }
      return textReply(pieces.join(""));
    });
    const heard: string[] = [];
    const seqs: number[] = [];
    const proc = await new LLMProgram({ model }).start();
    let open = false;
    proc.on(
      "response_delta",
      (text, { seq }) => {
        heard.push(text);
        seqs.push(seq);
        return open ? undefined : new Promise<void>((resolve) => release.push(resolve));
      },
      { observe: true },
    );
    proc.on("api_response", () => {
      open = true;
      for (const one of release) one();
    });
    await inTime(proc.run("x"));
    expect(heard.join("")).toBe(pieces.join(""));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    if (handledAfter > 1) expect(heard.length).toBeLessThan(pieces.length);
  }
});

test("pieces of two attempts are not joined", async () => {
  let attempts = 0;
  const open = gate();
  const proc = await new LLMProgram({
    model: scripted(
      [
        () => {
          attempts++;
          return { text: "ab", toolCalls: attempts === 1 ? [{ name: "echo" }] : [] };
        },
      ],
      { repeat: true },
    ),
    tools: [anyTool("echo", () => open.open())],
  }).start();
  const heard: [string, number | undefined][] = [];
  proc.on(
    "response_delta",
    (text, { turn }) => {
      heard.push([text, turn]);
      return open.opened;
    },
    { observe: true },
  );
  await inTime(proc.run("x"));
  expect(heard).toEqual([
    ["ab", 1],
    ["ab", 2],
  ]);
});

test("run() outlasts a handler that never settles by no more than its timeoutMs", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  const faults: string[] = [];
  proc.on("callback_error", ({ callback, reason, event, missed }) =>
    faults.push(`${callback} ${reason} ${event} ${missed}`),
  );
  proc.on("*", () => new Promise<never>(() => {}), { observe: true, timeoutMs: 30, name: "stuck" });
  expect((await inTime(proc.run("x"))).lastMessage).toBe("a");
  expect(faults[0]).toMatch(/^stuck timeout process_start \d+$/);
});

test("the process does not wait for a callback with 1,023 waiting events", async () => {
  const open = gate();
  const model = scripted([{ toolCalls: [{ name: "noise" }] }, { text: "end" }]);
  const noise = anyTool("noise", (_args, { process }) => {
    for (let line = 0; line < 1024; line++) process.writeStderr(String(line));
    return "ok";
  });
  const proc = await new LLMProgram({ model, tools: [noise] }).start();
  const lines: string[] = [];
  proc.on(
    "stderr_write",
    (text) => {
      lines.push(text);
      return open.opened;
    },
    { observe: true, timeoutMs: 60_000 },
  );
  // One is under way and 1,023 wait: one short of full.
  let requests = 0;
  proc.on("api_request", () => {
    requests++;
  });
  const run = proc.run("x");
  await settled();
  expect(requests).toBe(2);
  open.open();
  await inTime(run);
  expect(lines).toHaveLength(1024);
});

test("at 1,024 waiting events the next request waits until there is room, and none is lost", async () => {
  const open = gate();
  const model = scripted([{ toolCalls: [{ name: "noise" }] }, { text: "end" }]);
  const noise = anyTool("noise", (_args, { process }) => {
    for (let line = 0; line < 1025; line++) process.writeStderr(String(line));
    return "ok";
  });
  const proc = await new LLMProgram({ model, tools: [noise] }).start();
  const lines: string[] = [];
  proc.on(
    "stderr_write",
    (text) => {
      lines.push(text);
      return open.opened;
    },
    { observe: true, timeoutMs: 60_000 },
  );
  const started = gate();
  let requests = 0;
  proc.on("turn_start", (_process, _result, info) => {
    if (info.turn === 2) started.open();
  });
  proc.on("api_request", () => {
    requests++;
  });
  const run = proc.run("x");
  await started.opened;
  await settled();
  expect(requests).toBe(1);
  open.open();
  await inTime(run);
  expect(requests).toBe(2);
  expect(lines).toEqual(Array.from({ length: 1025 }, (_, line) => String(line)));
});

test("a full callback of one process does not hold up another process", async () => {
  const open = gate();
  const noise = anyTool("noise", (_args, { process }) => {
    for (let line = 0; line < 2000; line++) process.writeStderr(String(line));
    return "ok";
  });
  const script = () => scripted([{ toolCalls: [{ name: "noise" }] }, { text: "end" }]);
  const shared = {
    stderr_write: (_text: string, { process }: { process: { name: string } }) =>
      process.name === "slow" ? open.opened : undefined,
  };
  const slow = await new LLMProgram({ name: "slow", model: script(), tools: [noise] }).start().addCallback(shared);
  const quick = await new LLMProgram({ name: "quick", model: script(), tools: [noise] }).start().addCallback(shared);
  const held = slow.run("x");
  expect((await inTime(quick.run("x"))).lastMessage).toBe("end");
  open.open();
  await inTime(held);
});

test("what `on` returns takes the handler off at the end of a `using` block", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }], { repeat: true }) }).start();
  const heard: string[] = [];
  {
    using _off = proc.on("response", (text) => heard.push(text));
    await proc.run("x");
  }
  await proc.run("y");
  expect(heard).toEqual(["a"]);
});
