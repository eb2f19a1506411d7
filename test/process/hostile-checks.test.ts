import type { EventRecord } from "llmproc";
import { LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";
import { expectWellFormed, inTime, recordsOf } from "./harness.ts";

const refuse = (): never => {
  throw new TypeError("you may not look at this");
};
const TRAPS = { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse, isExtensible: refuse };
const closed = (target: object = {}): object => new Proxy(target, TRAPS);

/** Lets itself be looked at so many times, and then no more. */
function fickle(looks: number): object {
  let left = looks;
  const look = () => (left-- > 0 ? undefined : refuse());
  return new Proxy(
    { a: 1 },
    {
      get: (target, key) => look() ?? Reflect.get(target, key),
      getPrototypeOf: (target) => look() ?? Reflect.getPrototypeOf(target),
      ownKeys: (target) => look() ?? Reflect.ownKeys(target),
    },
  );
}

const throwing = (key: string): object => Object.defineProperty({}, key, { get: refuse, enumerable: true });

/** What a schema of somebody else's may come to. */
const CHECKS: readonly [what: string, validate: () => unknown][] = [
  [
    "throws a proxy that cannot be looked at",
    () => {
      throw closed();
    },
  ],
  ["rejects with one", () => Promise.reject(closed())],
  ["returns one", () => closed()],
  ["returns one as the value", () => ({ value: closed() })],
  ["returns one as the value, later", async () => ({ value: closed() })],
  ["returns one within the value", () => ({ value: { inner: closed() } })],
  ["returns one of a function as the value", () => ({ value: closed(() => {}) })],
  ["returns a value with a getter that throws", () => ({ value: throwing("x") })],
  ["returns a result with a getter that throws", () => throwing("value")],
  ["returns issues that cannot be looked at", () => ({ issues: [closed()] })],
  ["returns issues whose message throws", () => ({ issues: [throwing("message")] })],
  ["returns issues that are none", () => ({ issues: 5 })],
  ["returns nothing", () => undefined],
  ...Array.from({ length: 12 }, (_, looks): [string, () => unknown] => [
    `returns a value that refuses after ${looks} looks`,
    () => ({ value: fickle(looks) }),
  ]),
];

test.each(CHECKS)("a call whose check %s has its pair, and the run goes on", async (_what, validate) => {
  const jsonSchema = { input: () => ({ type: "object" }), output: () => ({ type: "object" }) };
  const odd = tool({
    name: "odd",
    description: "odd",
    parameters: { "~standard": { version: 1, vendor: "test", validate: validate as never, jsonSchema } },
    execute: () => "ran",
  });
  for (const isHeard of [true, false]) {
    const proc = await new LLMProgram({
      model: scripted([{ toolCalls: [{ name: "odd" }, { name: "odd" }] }, { text: "done" }]),
      tools: [odd],
    }).start();
    const records: readonly EventRecord[] = isHeard ? recordsOf(proc) : [];
    expect(await inTime(proc.run("go"))).toMatchObject({ stopReason: "end", lastMessage: "done" });
    expectWellFormed(proc.messages);
    const tools = records.flatMap(({ event }) => (event.startsWith("tool_") ? [event] : []));
    const pairs = tools.filter((event) => event !== "tool_result").toSorted();
    expect(pairs).toEqual(isHeard ? ["tool_end", "tool_end", "tool_start", "tool_start"] : []);
  }
});
