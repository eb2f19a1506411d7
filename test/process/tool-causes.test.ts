import { connect } from "node:net";
import type { ToolReply } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { closedPort } from "../support/closed-port.ts";
import { anyTool } from "./harness.ts";

/** What the model reads of a tool. */
async function readOf(execute: () => unknown): Promise<ToolReply> {
  const model = scripted([{ toolCalls: [{ name: "work" }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: [anyTool("work", execute)] }).start();
  await proc.run("go");
  const results = proc.messages.at(2);
  const reply = results?.role === "tool" ? results.content[0] : undefined;
  if (reply === undefined) throw new Error("No result.");
  return reply;
}

const throws = (error: unknown) => () => {
  throw error;
};

describe("the model reads what is behind an error", () => {
  test("of a fetch that failed", async () => {
    const port = await closedPort();
    const reply = await readOf(() => fetch(`http://127.0.0.1:${port}/`));
    expect(reply).toMatchObject({ isError: true, content: `fetch failed: connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  test("of a connection to each address of a host", async () => {
    const port = await closedPort();
    const lookup = (_host: string, _options: unknown, done: (error: null, list: object[]) => void) =>
      done(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "127.0.0.2", family: 4 },
      ]);
    const opened = () =>
      new Promise((_resolve, reject) => {
        connect({ host: "host.test", port, lookup: lookup as never, autoSelectFamily: true }).on("error", reject);
      });
    const { content } = await readOf(opened);
    expect(content).toBe(`connect ECONNREFUSED 127.0.0.1:${port}; connect ECONNREFUSED 127.0.0.2:${port}`);
  });

  test.each<[what: string, error: () => unknown, content: string]>([
    ["of a chain", () => new Error("a", { cause: new Error("b", { cause: new TypeError("c") }) }), "a: b: c"],
    ["of a cause that is a text", () => new Error("a", { cause: "disk full" }), "a: disk full"],
    ["of a cause that is an object", () => new Error("a", { cause: { errno: 5 } }), 'a: {"errno":5}'],
    ["but not twice", () => new Error("a, since b is gone", { cause: new Error("b is gone") }), "a, since b is gone"],
    [
      "of several that failed",
      () => new AggregateError([new Error("x"), new Error("y")], "All failed"),
      "All failed: x; y",
    ],
    ["of several without a text", () => new AggregateError([new Error("x"), new Error("y")]), "x; y"],
    ["of none at all", () => new AggregateError([]), "AggregateError"],
    [
      "of very many, and counts the rest",
      () =>
        new AggregateError(
          Array.from({ length: 1000 }, (_, place) => new Error(`e${place}`)),
          "no",
        ),
      "no: e0; e1; e2; and 997 more",
    ],
    [
      "with its code",
      () => new Error("a", { cause: Object.assign(new Error("gone"), { code: "ENOENT" }) }),
      "a: gone (ENOENT)",
    ],
  ])("%s", async (_what, error, content) => {
    expect(await readOf(throws(error()))).toMatchObject({ isError: true, content });
    expect(await readOf(() => Promise.reject(error()))).toMatchObject({ isError: true, content });
  });

  test("of an error that stands in what the tool returns", async () => {
    const failed = new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    const { content } = await readOf(() => Promise.allSettled([Promise.reject(failed)]));
    expect(content).toContain("TypeError: fetch failed: connect ECONNREFUSED");
  });
});

describe("the causes of an error cannot do harm", () => {
  test("where they go round in a circle, or have no end", async () => {
    const first: Error = new Error("first");
    first.cause = new Error("second", { cause: first });
    expect((await readOf(throws(first))).content).toBe("first: second");
    const endless = () => {
      const error = new Error("deeper");
      Object.defineProperty(error, "cause", { get: () => endless() });
      return error;
    };
    const { content } = await readOf(throws(endless()));
    expect(content.length).toBeLessThan(200);
    const many = new AggregateError([], "all");
    many.errors = [many, many];
    expect((await readOf(throws(many))).content).toBe("all");
    let deep = new Error("end");
    for (let depth = 0; depth < 100_000; depth++) deep = new Error(`e${depth}`, { cause: deep });
    expect((await readOf(throws(deep))).content).toMatch(/^e99999: e99998: /);
  });

  test("where looking at them throws", async () => {
    const refuse = () => {
      throw new Error("not to be looked at");
    };
    const proxy = new Proxy(new Error("hidden"), { get: refuse, getPrototypeOf: refuse, has: refuse });
    const getters = new Error("outer");
    for (const key of ["cause", "code"]) Object.defineProperty(getters, key, { get: refuse });
    for (const error of [new Error("outer", { cause: proxy }), getters, new AggregateError([proxy], "outer")]) {
      expect(await readOf(throws(error))).toMatchObject({ isError: true, content: expect.stringMatching(/^outer/) });
    }
    const wrong = new AggregateError([], "outer");
    Object.defineProperty(wrong, "errors", { get: refuse });
    expect((await readOf(throws(wrong))).content).toBe("outer");
  });
});

test("a built-in tool keeps the paths of its folder to itself", async () => {
  const root = "/nowhere/secret-place";
  const model = scripted([{ toolCalls: [{ name: "read_file", args: { file_path: "x" } }] }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools: ["read_file"], root }).start();
  await proc.run("go");
  expect(JSON.stringify(proc.messages[2])).not.toContain("secret-place");
});
