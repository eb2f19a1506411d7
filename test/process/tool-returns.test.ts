import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import type { ToolReply } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { runs } from "../support/sample.ts";
import { anyTool, inTime, recordsOf, settled } from "./harness.ts";

/** What the model reads of a tool that does this, after a run in which nothing else went wrong. */
async function replyOf(execute: () => unknown): Promise<ToolReply> {
  const model = scripted([{ toolCalls: [{ name: "odd" }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [anyTool("odd", execute)] }).start();
  const records = recordsOf(proc);
  expect((await inTime(proc.run("x"))).lastMessage).toBe("done");
  const replies = proc.messages[2]?.content as readonly ToolReply[];
  const [reply] = replies;
  if (reply === undefined || replies.length !== 1) throw new Error("There is not one result.");
  const ends = records.flatMap((record) => (record.event === "tool_end" ? [record.result] : []));
  expect(ends).toEqual([{ content: reply.content, isError: reply.isError }]);
  expect([typeof reply.content, typeof reply.isError]).toEqual(["string", "boolean"]);
  return reply;
}

/** What the page says, row by row: an expression, whether it gives an error, and what the model reads. */
function documented(): [expression: string, isError: boolean, content: string][] {
  const page = readFileSync("docs/tools.md", "utf8");
  const [, table = ""] = page.split("| `execute` returns | the model reads |\n|---|---|\n");
  const rows = table.split("\n\n", 1)[0]?.split("\n") ?? [];
  return rows.map((row) => {
    const [, expression, isError, content] = /^\| `(.+?)` \| (an error: )?(?:`(.*)`|an empty text) \|$/.exec(row) ?? [];
    if (expression === undefined) throw new Error(`The row cannot be read: ${row}`);
    return [expression, isError !== undefined, content ?? ""];
  });
}

describe("what a tool returns is read as the docs say", () => {
  test("the page has a table of it", () => expect(documented().length).toBeGreaterThan(30));
  test.each(documented())("%s", async (expression, isError, content) => {
    const value = () => runInThisContext(`(${expression})`) as unknown;
    const said = { content, isError };
    expect(await replyOf(value)).toMatchObject(said);
    expect(await replyOf(async () => value())).toMatchObject(said);
  });
});

function hostile(where: "get" | "ownKeys" | "getPrototypeOf"): object {
  const trap = () => {
    throw new Error("a trap");
  };
  return new Proxy({}, { [where]: trap });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

function changing(): object {
  let reads = 0;
  return {
    isError: false,
    get content() {
      return reads++ === 0 ? "text" : { not: "text" };
    },
  };
}

class Foreign extends Promise<unknown> {}

class LockedMap extends Map<unknown, unknown> {
  override get(): never {
    throw new Error("locked");
  }
}

class LockedSet extends Set<unknown> {
  override [Symbol.iterator](): never {
    throw new Error("locked");
  }
}

const ODD: readonly [what: string, value: () => unknown, content: string | RegExp, isError?: true][] = [
  ["a revoked proxy", revoked, /revoked/, true],
  ["a list with a revoked proxy", () => [1, revoked()], /^\[1,"\[something that cannot be read: .*revoked.*\]"\]$/],
  ["a proxy whose get throws", () => hostile("get"), /a trap/, true],
  ["a proxy whose ownKeys throws", () => hostile("ownKeys"), /cannot be read.*a trap/, true],
  ["a proxy whose getPrototypeOf throws", () => hostile("getPrototypeOf"), /a trap/, true],
  ["a list that lies about its length", () => new Proxy([], { get: () => Symbol("s") }), /cannot be read/, true],
  ["a result whose content changes", changing, "text"],
  [
    "an error of MCP with two texts",
    () => ({ isError: true, content: ["one", "two"].map((text) => ({ type: "text", text })) }),
    "one\ntwo",
    true,
  ],
  ["a success of MCP", () => ({ isError: false, content: [] }), '{"isError":false,"content":[]}'],
  ["a list of blocks that is none", () => ({ isError: true, content: [null] }), '{"isError":true,"content":[null]}'],
  ["a promise of a promise", async () => Promise.resolve(Promise.resolve("deep")), "deep"],
  ["a promise of another class", () => Foreign.resolve("foreign"), "foreign"],
  ["a thenable", () => ({ then: (resolve: (value: string) => void) => resolve("foreign") }), "foreign"],
  ["a thenable that resolves twice", () => ({ then: (one: (v: string) => void) => [one("a"), one("b")] }), "a"],
  [
    "a thenable that resolves and throws",
    () => ({
      then(one: (v: string) => void) {
        one("a");
        throw new Error("b");
      },
    }),
    "a",
  ],
  [
    "a thenable that throws",
    () => ({
      then() {
        throw new Error("thrown");
      },
    }),
    "thrown",
    true,
  ],
  [
    "a thenable whose then cannot be read",
    () => ({
      get then() {
        throw new Error("no then");
      },
    }),
    "no then",
    true,
  ],
  [
    "a thenable that resolves with a hostile value",
    () => ({ then: (one: (v: object) => void) => one(revoked()) }),
    /revoked/,
    true,
  ],
  [
    "an error with a message that throws",
    () =>
      Object.defineProperty(new Error(), "message", {
        get: () => {
          throw new Error();
        },
      }),
    /cannot be read/,
    true,
  ],
  [
    "an error of another kind of message",
    () => Object.assign(new Error(), { message: { a: 1 } }),
    "[object Object]",
    true,
  ],
  [
    "an async generator",
    async function* () {
      yield 1;
    },
    /an iterator that was not read/,
    true,
  ],
  ["a reader of a Node stream", () => process.stdin, /a stream that was not read/, true],
  [
    "an object that is its own JSON",
    () => {
      const own = { a: 1, toJSON: () => own };
      return own;
    },
    '{"a":1}',
  ],
  ["JSON within JSON without end", () => endless(), /^(\{"next":){100}"\[Cut: an object with 1 key\]"\}{100}$/],
  ["a list with holes", () => Object.assign([], { 1: 1 }), "[null,1]"],
  ["a map that cannot be read", () => new LockedMap([["a", 1]]), '{"a":"[something that cannot be read: locked]"}'],
  ["a form with a file", () => formOf(new Blob(["text"])), /^\{"file":"\[a File that was not read: .*\]"\}$/],
  ["a set that cannot be read", () => new LockedSet([1]), '["[something that cannot be read: locked]"]'],
  ["a key __proto__", () => JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ["an object without a prototype", () => Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ["half of a surrogate pair", () => "\u{1f600}".slice(0, 1), "\ufffd"],
  [
    "half of a surrogate pair in an object",
    () => ({ "\udc00": ["\ud800", "\\ud800"] }),
    '{"\ufffd":["\ufffd","\\\\ud800"]}',
  ],
  ["half of a surrogate pair in a map", () => new Map([["\ud800", "\u{1f600}\udc00"]]), '{"\ufffd":"\u{1f600}\ufffd"}'],
  [
    "the same object twice",
    () => {
      const one = { a: 1 };
      return [one, one];
    },
    '[{"a":1},{"a":1}]',
  ],
  [
    "a map that holds itself",
    () => {
      const map = new Map<string, unknown>();
      return map.set("me", map);
    },
    '{"me":"[circle: the same as $]"}',
  ],
];

function formOf(file: Blob): FormData {
  const form = new FormData();
  form.set("file", file);
  return form;
}

function endless(): object {
  return { toJSON: () => ({ next: endless() }) };
}

function circle(): object {
  const own: Record<string, unknown> = {};
  own.me = own;
  return own;
}

const THROWS: readonly [what: string, thrown: unknown, content: string | RegExp][] = [
  ["an error", new Error("went wrong"), "went wrong"],
  ["an error without a message", new RangeError(), "RangeError"],
  ["text", "just text", "just text"],
  ["blank text", " ", " "],
  ["an error with half of a surrogate pair", new Error("at \ud800"), "at \ufffd"],
  ["nothing", undefined, "undefined"],
  ["null", null, "null"],
  ["a number", 7, "7"],
  ["an object", { code: 7, m: new Map([["a", 1]]) }, '{"code":7,"m":{"a":1}}'],
  ["a long object", { log: "x".repeat(5000) }, `{"log":"${"x".repeat(5000)}"}`],
  ["an object that is too long", { log: "x".repeat(200_000) }, /^\{"log":"x+\[Cut: \d+ more characters\]"\}$/],
  ["a text that is too long", "x".repeat(200_000), /^x+\n\[Cut: \d+ characters are missing here\]\nx+$/],
  ["a circle", circle(), '{"me":"[circle: the same as $]"}'],
  ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["a result that is no error", { content: "made", isError: false }, "made"],
  ["a promise", [Promise.resolve()][0], "The tool threw a promise that was not awaited."],
  ["a revoked proxy", revoked(), /cannot even be looked at/],
  ["a function", () => 1, "The tool threw a function, which cannot be shown to a model."],
  ["a symbol", Symbol("s"), "The tool threw a symbol, which cannot be shown to a model."],
  [
    "an error that cannot be read",
    Object.defineProperty(new Error(), "message", {
      get: () => {
        throw new Error("hidden");
      },
    }),
    /cannot be read/,
  ],
];

describe("whatever a tool does, the model gets one result and the run goes on", () => {
  test.each(ODD)("it returns %s", async (_what, value, content, isError = false as never) => {
    const said = { content: typeof content === "string" ? content : expect.stringMatching(content), isError };
    expect(await replyOf(value)).toMatchObject(said);
    expect(await replyOf(async () => value())).toMatchObject(said);
  });

  test.each(THROWS)("it throws %s", async (_what, thrown, content) => {
    const said = { content: typeof content === "string" ? content : expect.stringMatching(content), isError: true };
    expect(
      await replyOf(() => {
        throw thrown;
      }),
    ).toMatchObject(said);
    expect(await replyOf(() => Promise.reject(thrown))).toMatchObject(said);
  });

  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
  });
  const way = fc.constantFrom<(value: unknown) => unknown>(
    (value) => value,
    async (value) => value,
    (value) => {
      throw value;
    },
    (value) => Promise.reject(value),
    (value) => ({ then: (_one: unknown, other: (value: unknown) => void) => other(value) }),
    (value) => [revoked(), { deep: value }, value],
  );

  test("anything at all, returned, thrown, rejected or hidden in a list", async () => {
    await fc.assert(
      fc.asyncProperty(anything, way, async (value, how) => {
        expect(await replyOf(() => how(value))).toMatchObject({ toolName: "odd" });
      }),
      runs(300, 900),
    );
    await settled();
  });

  test("plain data is read as JSON.stringify writes it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        fc.pre(typeof value === "object" && value !== null);
        expect((await replyOf(() => value)).content).toBe(JSON.stringify(value));
      }),
      runs(200, 600),
    );
  });
});
