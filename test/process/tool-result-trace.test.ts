import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import type { Callback, EventName, EventRecord, LLMProcess, Tool, ToolReply } from "llmproc";
import { consoleLog, LLMProgram, replaceResult } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { LLMProcess as Process } from "../../src/process/llm-process.ts";
import { anyTool, inTime, recordsOf, repliesOf } from "./harness.ts";
import { call, ran, replacing, withholding } from "./result-guards.ts";

describe("the original leaves no trace", () => {
  const SECRET = "sk-4f9c2b71d08e6a35c1f7";
  const WAYS: Readonly<Record<string, () => unknown>> = {
    "a text": () => `the key is ${SECRET}`,
    "an object": () => ({ config: { key: SECRET, list: [SECRET] } }),
    "an error": () => {
      throw new Error(`wrong key ${SECRET}`, { cause: new Error(SECRET) });
    },
    "a late text": async () => `the key is ${SECRET}`,
    "a late error": async () => Promise.reject(new Error(SECRET)),
    "a long text": () => `${"x".repeat(5000)}${SECRET}${"y".repeat(5000)}`,
    "a long list": () => Array.from({ length: 2000 }, (_, id) => ({ id, key: SECRET })),
  };
  const GUARDS: Readonly<Record<string, Callback>> = {
    replaced: replacing("[hidden]"),
    "replaced later": { tool_result: async () => replaceResult("[hidden]") },
    withheld: withholding,
    "withheld by a bug": {
      tool_result() {
        throw new TypeError("a bug");
      },
    },
  };

  test.each(Object.keys(WAYS).flatMap((way) => Object.keys(GUARDS).map((guard) => [way, guard] as const)))(
    "%s, %s: in no event, record, error, message, line or fork",
    async (way, guard) => {
      const shown = new PassThrough();
      const leak = anyTool("leak", () => WAYS[way]?.());
      const readOn: Tool = {
        ...anyTool("read_on", (_args, { process }) => process.readResult("fd:1")),
        readsCutResults: true,
      };
      const child = [{ text: "child done" }];
      const root = [call("leak"), call("read_on"), call("fork", { prompts: ["what was it?"] }), { text: "done" }];
      const model = scripted({ root, child });
      const stop = {
        turn_start(_process: object, result: { apiCalls: number }) {
          if (result.apiCalls > 4) throw new Error("the end");
        },
      };
      const program = new LLMProgram({ model, tools: [leak, readOn, "fork"], maxToolResultCharacters: 1000 });
      const callbacks = [GUARDS[guard] as Callback, consoleLog({ stream: shown }), stop];
      const proc = await program.start({ callbacks });
      const records = recordsOf(proc);
      const heard: unknown[] = [];
      proc.addCallback((event: EventName, ...rest: unknown[]) => {
        if (event !== "tool_result") heard.push(event, ...rest);
      });
      const outcome: unknown = await inTime(proc.run("go")).catch((error: unknown) => error);
      const fork = (await proc.forkProcess()) as LLMProcess;
      const everywhere = [
        JSON.stringify(records),
        inspect(heard, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
        inspect(outcome, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
        JSON.stringify([proc.messages, fork.messages, proc.stderrLog, proc.usage]),
        inspect(proc, { depth: 20, showHidden: true }),
        String(shown.read() ?? ""),
      ].join("\n");
      expect(repliesOf(proc)).toHaveLength(3);
      expect(everywhere.includes(SECRET)).toBe(false);
      await proc.close();
    },
  );

  test("nor the end of a secret that a cut would have parted", async () => {
    const redact = {
      tool_result: (_name: string, { content }: { content: string }) =>
        replaceResult(content.replaceAll(SECRET, "[key]")),
    };
    for (let offset = -SECRET.length - 2; offset <= SECRET.length + 2; offset++) {
      // Long texts are cut in their middle: the key stands at either edge of the cut.
      for (const edge of [470, 9530]) {
        const text = `${"x".repeat(edge + offset)}${SECRET}${"y".repeat(10_000 - edge - offset)}`;
        const { records, replies } = await ran([anyTool("leak", () => text)], [redact], {
          maxToolResultCharacters: 1000,
        });
        expect(replies[0]?.content).toContain("[Cut:");
        const said = JSON.stringify([records, replies]);
        for (let at = 0; at + 8 <= SECRET.length; at++) expect(said.includes(SECRET.slice(at, at + 8))).toBe(false);
      }
    }
  });
});

describe("a guard that lets results pass", () => {
  /** Without anybody who hears tool_result: the tests' own recorder hears everything. */
  async function unheard(tool: Tool): Promise<readonly ToolReply[]> {
    const model = scripted([call(tool.name), { text: "done" }]);
    const program = await new LLMProgram({ model, tools: [tool], maxToolResultCharacters: 1000 }).toProcessProgram();
    const proc = await Process.begin({ program, from: { name: undefined, messages: [] }, callbacks: [] }, () => {});
    await proc.run("go");
    return repliesOf(proc);
  }

  const rows = Array.from({ length: 3000 }, (_, id) => ({ id, name: `row ${id}` }));
  const raw = (key: string, value: unknown): unknown =>
    key === "id" && value === 1
      ? (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON("12345678901234567890")
      : value;
  const deep = { rows, text: "t".repeat(3000), nested: { rows } };
  const cyclic: Record<string, unknown> = { rows };
  cyclic.self = cyclic;
  test.each<readonly [what: string, make: () => unknown]>([
    ["a short text", () => "short"],
    ["a long text", () => "line\n".repeat(3000)],
    ["a text that is JSON", () => JSON.stringify(rows)],
    ["a list", () => rows],
    ["an object", () => deep],
    ["a cycle", () => cyclic],
    ["a map", () => new Map([["rows", rows]])],
    [
      "digits that JavaScript has no room for",
      () => JSON.parse(`{"id":1,"rows":${JSON.stringify(rows)}}`, raw) as unknown,
    ],
    ["a Date, a bigint", () => [new Date(0), 10n, ...rows]],
    ["a result of its own", () => ({ content: "c".repeat(5000), isError: false })],
    ["an MCP error", () => ({ content: [{ type: "text", text: "e".repeat(5000) }], isError: true })],
    ["an error", () => Promise.reject(new Error("e".repeat(5000)))],
    ["a thrown list", () => Promise.reject(rows)],
    ["a number", () => 4],
    ["nothing", () => undefined],
    ["a symbol", () => Symbol("s")],
  ])("%s is read as if nobody had looked", async (_what, make) => {
    const tool = anyTool("make", make);
    const { replies } = await ran([tool], [{ tool_result() {} }], { maxToolResultCharacters: 1000 });
    expect(replies).toEqual(await unheard(tool));
  });

  test("what changes with each look is read as the guard has seen it", async () => {
    let looks = 0;
    const shifting = { toJSON: () => (++looks === 1 ? "harmless" : "changed") };
    const seen: string[] = [];
    const guard = {
      tool_result(_name: string, { content }: { content: string }) {
        seen.push(content);
      },
    };
    const { replies } = await ran([anyTool("shift", () => shifting)], [guard]);
    expect(replies.map(({ content }) => content)).toEqual(seen);
  });

  test("the time that it takes is not the tool's", async () => {
    const slow = { tool_result: () => new Promise<void>((resolve) => setTimeout(resolve, 60)) };
    const { records } = await ran([anyTool("quick", () => "done")], [slow]);
    const end = records.find((record) => record.event === "tool_end") as Extract<EventRecord, { event: "tool_end" }>;
    expect(end.durationMs).toBeGreaterThanOrEqual(55);
    expect(end.execMs).toBeLessThan((end.durationMs ?? 0) - 40);
  });
});
