import fc from "fast-check";
import type { Callback, EventName, LLMProcess } from "llmproc";
import { CallbackEvent, LLMProcError, LLMProgram, shadow, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import type { Shape } from "./shapes.ts";
import { CALLABLE, DEAF, METHODS, SLIPS } from "./shapes.ts";

const SHAPES = 10_000;
const EVENTS = Object.values(CallbackEvent);

const note = tool({
  name: "note",
  description: "Writes a note.",
  parameters: { type: "object", properties: { to: { type: "string" } } },
  execute: (_args, { process }) => void process.writeStderr("noted"),
});

/** A process whose run raises every event but callback_error, with known arguments. */
function start(): PromiseLike<LLMProcess> {
  const model = scripted([
    { error: { status: 503, message: "busy" } },
    { text: "hello", toolCalls: [{ name: "note", args: { to: "ann" } }] },
    { text: "bye" },
  ]);
  return new LLMProgram({ model, tools: [note], retry: { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 } }).start();
}

/** What the documentation says comes first in each event; processes, snapshots and infos are told by their fields. */
const FIRST: Partial<Record<EventName, unknown>> = {
  tool_start: "note",
  tool_end: "note",
  tool_result: "note",
  response: "hello",
  stderr_write: "noted",
  response_delta: "hello",
};

/** How many arguments each event has before `info`. */
const ARGUMENTS: Readonly<Record<EventName, number>> = {
  tool_start: 2,
  tool_end: 2,
  tool_result: 2,
  response: 1,
  api_request: 1,
  api_response: 1,
  turn_start: 2,
  turn_end: 3,
  stderr_write: 1,
  run_start: 2,
  run_end: 2,
  response_delta: 1,
  api_error: 2,
  process_start: 1,
  process_end: 1,
  callback_error: 1,
  context_change: 2,
};

const heardEvents = EVENTS.filter((event) => event !== "callback_error");

/** One handler of a random shape, for a random event, registered in a random way. */
const handlers = fc.record({
  shape: fc.constantFrom(...CALLABLE),
  event: fc.constantFrom(...heardEvents),
  form: fc.constantFrom("on", "method", "function"),
  method: fc.constantFrom(...METHODS),
  observe: fc.boolean(),
});

type Given = readonly unknown[];

/** What a handler of this shape must have been given: as many arguments as it names. */
function expectArguments(given: Given, shape: Shape, event: EventName, form: string): void {
  const lead = form === "function" ? 1 : 0;
  const offered = lead + ARGUMENTS[event] + 1;
  expect(given.length).toBe(Math.min(shape.takes, offered));
  if (given.length === 0) return;
  if (form === "function") expect(given[0]).toBe(event);
  const first = given[lead];
  if (given.length > lead && event in FIRST) expect(first).toBe(FIRST[event]);
  if (given.length > lead + ARGUMENTS[event]) expect(given.at(-1)).toMatchObject({ event, phase: "live" });
}

test("documented arguments arrive in handlers of every shape: 10,000 of them", async () => {
  const perRun = 250;
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(handlers, { minLength: perRun, maxLength: perRun }), async (drawn) => {
      const proc = await start();
      const calls = drawn.map(({ shape, event, form, method, observe }) => {
        const seen: Given[] = [];
        const handler = shape.make((given) => {
          if (form !== "function" || given.length === 0 || given[0] === event) seen.push(given);
        });
        if (form === "on") proc.on(event, handler, { observe });
        else if (form === "function") proc.addCallback(handler, { observe });
        else proc.addCallback(method.make(event, handler), { observe });
        return { seen, shape, event, form };
      });
      proc.on("tool_start", () => void proc.say("and hurry"));
      await proc.run("go");
      await proc.close();
      for (const { seen, shape, event, form } of calls) {
        expect(seen.length, `${shape.name} of ${event} as ${form}`).toBeGreaterThan(0);
        expectArguments(seen[0] ?? [], shape, event, form);
      }
      tried += drawn.length;
    }),
    { numRuns: SHAPES / perRun, seed: 20_261_124 },
  );
  expect(tried).toBe(SHAPES);
});

test.each(DEAF)("what can never hear anything is refused when it is added: $name", async ({ make }) => {
  const proc = await start();
  const error = refusalOf(() => proc.addCallback(make() as Callback));
  expect(error.code).toBe("callback_invalid");
  expect(error.message).not.toContain("did you mean");
  await proc.run("go");
});

test("a class is refused with what to give in its place, wherever a callback can be given", async () => {
  class Guard {
    tool_start() {}
  }
  const given = Guard as unknown as Callback;
  const text = "Guard is a class: give an instance, new Guard().";
  const proc = await start();
  expect(refusalOf(() => proc.addCallback(given))).toMatchObject({ code: "callback_invalid", message: text });
  expect(refusalOf(() => proc.on("tool_start", given as never)).message).toBe("Guard is a class: give a function.");
  expect(refusalOf(() => shadow(given)).message).toBe(`shadow(): ${text}`);
  const program = { model: scripted([{ text: "done" }]), callbacks: [given] };
  await expect((async () => new LLMProgram(program).start())()).rejects.toThrow(text);
});

test("a function that is frozen is no class", async () => {
  const heard: string[] = [];
  const callback = Object.freeze(function frozen(event: string) {
    heard.push(event);
  });
  const proc = await start();
  await proc.addCallback(callback).run("go");
  expect(heard).toContain("run_start");
});

test("a generator is refused by on(), too", async () => {
  const proc = await start();
  for (const event of [...EVENTS, "*"] as const) {
    expect(refusalOf(() => proc.on(event as "*", function* deaf() {})).code).toBe("callback_invalid");
  }
});

test("a name one slip from an event's is refused, and the event named", async () => {
  const proc = await start();
  for (const event of EVENTS) {
    for (const slip of SLIPS) {
      const name = slip(event);
      if ((EVENTS as readonly string[]).includes(name)) continue;
      const callback: Callback = Object.fromEntries([[name, () => {}]]);
      expect(refusalOf(() => proc.addCallback(callback)).message).toContain(`${name}, which is no event: did you mean`);
      // With the proper method there, or on request, the name is left alone.
      proc.addCallback({ ...callback, ...Object.fromEntries(EVENTS.map((one) => [one, () => {}])) });
      const other = event === "run_start" ? "run_end" : "run_start";
      if (!name.includes(other)) proc.addCallback({ ...callback, [other]: () => {} }, { allowUnknown: true });
    }
  }
});

test("a getter of a method is read when the callback is added, and one that throws is the caller's error", async () => {
  const proc = await start();
  let reads = 0;
  let calls = 0;
  const callback = {
    get response() {
      reads++;
      return () => void calls++;
    },
  };
  proc.addCallback(callback);
  const before = reads;
  await proc.run("go");
  expect([before > 0, reads, calls]).toEqual([true, before, 2]);
  const broken = {
    get response(): () => void {
      throw new Error("no such thing");
    },
  };
  expect(() => proc.addCallback(broken)).toThrow("no such thing");
});

function refusalOf(call: () => unknown): LLMProcError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(LLMProcError);
    return error as LLMProcError;
  }
  throw new Error("it was accepted");
}
