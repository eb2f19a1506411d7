import type { LLMProgramOptions, ToolReply } from "llmproc";
import { answer, LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";
import { anyTool, inTime, recordsOf } from "./harness.ts";

type Options = Partial<LLMProgramOptions<LLMProgram>>;

/** Runs a reply with a call of each of these tools, and gives what the model reads. */
async function run(tools: readonly ReturnType<typeof anyTool>[], options: Options = {}) {
  const toolCalls = tools.map(({ name }) => ({ name }));
  const model = scripted([{ toolCalls }, { text: "done" }]);
  const proc = await new LLMProgram({ model, tools, ...options }).start();
  const records = recordsOf(proc);
  await inTime(proc.run("x"));
  return { proc, records, replies: proc.messages[2]?.content as readonly ToolReply[] };
}

const returns = (value: unknown, maxResultCharacters?: number) =>
  tool({
    name: `tool_${maxResultCharacters ?? "of_program"}`,
    description: "returns it",
    parameters: { type: "object" },
    execute: () => value,
    ...(maxResultCharacters !== undefined && { maxResultCharacters }),
  });

describe("how much of a result a model reads", () => {
  const long = "0123456789".repeat(20_000);

  test("100,000 characters, if nobody says otherwise", async () => {
    const { replies } = await run([returns(long.slice(0, 100_000)), returns(long, 100_000)]);
    expect(replies[0]?.content).toBe(long.slice(0, 100_000));
    expect(replies[1]?.content).toMatch(/^0123456789.*\n\[Cut: \d+ characters are missing here\]\n.*0123456789$/s);
    const rest = await run([returns(long)]);
    expect(rest.replies[0]?.content).toBe(replies[1]?.content);
  });

  test("what the program says; what a tool says wins, and Infinity is all", async () => {
    const tools = [returns(long), returns(long, 5000), returns(long, Infinity)];
    const { replies } = await run(tools, { maxToolResultCharacters: 300 });
    expect(replies.map(({ content }) => content.length)).toEqual(
      [300, 5000, 200_000].map((most) => expect.closeTo(most, -2)),
    );
    expect(replies.every(({ content }) => content.length <= 200_000)).toBe(true);
  });

  test("of everything that can be long", async () => {
    const fails = (thrown: unknown) => () => Promise.reject(thrown);
    const tools = [
      anyTool("throws", fails(new Error(long))),
      anyTool("throws_text", fails(long)),
      anyTool("rejects", () => new Error(long)),
      anyTool("makes", () => ({ content: long, isError: true })),
      anyTool("digits", () => BigInt(long)),
      anyTool("bytes", () => Buffer.from(long)),
      anyTool("says", () => ({ toJSON: () => long })),
      anyTool("answered", () => ""),
    ];
    const model = scripted([{ toolCalls: tools.map(({ name }) => ({ name })) }, { text: "done" }]);
    const proc = await new LLMProgram({ model, tools, maxToolResultCharacters: 1000 }).start();
    proc.on("tool_start", (name) => (name === "answered" ? answer(long) : undefined));
    await inTime(proc.run("x"));
    const replies = proc.messages[2]?.content as readonly ToolReply[];
    const cut = /^\d{400,}\n\[Cut: 1990\d\d characters are missing here\]\n\d+$/;
    const odd = replies.filter(({ content }) => content.length > 1000 || !cut.test(content));
    expect(odd).toEqual([]);
  });

  test("callbacks, records and the conversation have what the model reads", async () => {
    const rows = Array.from({ length: 10_000 }, (_, id) => ({ id }));
    const { records, replies } = await run([returns(rows)], { maxToolResultCharacters: 300 });
    const [{ content } = { content: "" }] = replies;
    expect(JSON.parse(content)).toEqual([...rows.slice(0, 26), "[Cut: 9974 more items]"]);
    const shown = [{ content, isError: false }];
    expect(records.flatMap((each) => (each.event === "tool_end" ? [each.result] : []))).toEqual(shown);
    expect(records.flatMap((each) => (each.event === "turn_end" ? each.toolResults : []))).toEqual(shown);
  });
});

test.each([0, 199, 250.5, -300, -Infinity, Number.NaN, "many"])(
  "a tool that would let a model read %s characters is refused",
  (most) => {
    const definition = { name: "t", description: "d", parameters: { type: "object" }, execute: () => "" } as const;
    const make = () => tool({ ...definition, maxResultCharacters: most as number });
    expect(make).toThrow(expect.objectContaining({ code: "tool_invalid", message: expect.stringMatching(/"t".*200/) }));
  },
);

/** Reads on in what was cut, the way a user would write it. */
const readOn = tool({
  name: "read_on",
  description: "reads on",
  parameters: { type: "object", properties: { fd: { type: "string" } }, required: ["fd"] },
  readsCutResults: true,
  maxResultCharacters: Infinity,
  execute: ({ fd }, { process }) => process.readResult(fd),
});

describe("the whole of what was cut", () => {
  const rows = Array.from({ length: 1000 }, (_, id) => ({ id, when: new Date(id) }));
  const tools = [returns(rows), anyTool("text", () => "line\n".repeat(1000)), readOn];
  const read = (fd: string) => ({ toolCalls: [{ name: "read_on", args: { fd } }] });
  const first = { toolCalls: [{ name: "tool_of_program" }, { name: "text" }] };
  const options = { tools, maxToolResultCharacters: 300 };
  const repliesOf = (proc: { messages: readonly { role: string; content: unknown }[] }) =>
    proc.messages.flatMap(({ role, content }) => (role === "tool" ? (content as ToolReply[]) : []));

  test("is kept once, by the name in the marks, for a tool that reads on", async () => {
    const model = scripted([first, read("fd:1"), read("fd:2"), { text: "done" }]);
    const proc = await new LLMProgram({ model, ...options }).start();
    await inTime(proc.run("x"));
    const [list, text, wholeList, wholeText] = repliesOf(proc);
    expect(JSON.parse(list?.content ?? "").at(-1)).toMatch(/^\[Cut: \d+ more items, see fd:1\]$/);
    expect(text?.content).toMatch(/are missing here, see fd:2\]/);
    expect(wholeList?.content).toBe(JSON.stringify(rows));
    expect(wholeText?.content).toBe("line\n".repeat(1000));
  });

  test("can be read by forks, each of which keeps its own from then on", async () => {
    const script = [
      first,
      read("fd:1"),
      { text: "done" },
      { toolCalls: [{ name: "text" }] },
      read("fd:3"),
      { text: "done" },
    ];
    const proc = await new LLMProgram({ model: scripted(script, { repeat: true }), ...options }).start();
    await inTime(proc.run("x"));
    const child = await proc.forkProcess();
    await inTime(child.run("y"));
    expect(repliesOf(child).slice(-2)).toMatchObject([
      { content: expect.stringContaining("see fd:3") },
      { content: "line\n".repeat(1000) },
    ]);
    const sibling = await proc.forkProcess();
    await inTime(sibling.run("x"));
    expect(repliesOf(sibling).at(-2)?.content).toContain("see fd:4");
    expect(repliesOf(sibling).at(-1)?.content).toBe(JSON.stringify(rows));
  });

  test("is not to be had under a name that never was, or in a process of its own", async () => {
    const spawner = anyTool("spawner", async (_args, { process }) => {
      const child = await process.spawnProcess();
      await child.run("y");
      return repliesOf(child)[0]?.content;
    });
    const child = [read("fd:1"), { text: "done" }];
    const root = [
      first,
      { toolCalls: [{ name: "spawner" }, { name: "read_on", args: { fd: "fd:9" } }] },
      { text: "done" },
    ];
    const model = scripted({ root, child });
    const proc = await new LLMProgram({ model, ...options, tools: [...tools, spawner] }).start();
    await inTime(proc.run("x"));
    expect(repliesOf(proc).slice(-2)).toMatchObject([
      { content: "There is no fd:1. Kept: nothing." },
      { content: "There is no fd:9. Kept: fd:1, fd:2.", isError: true },
    ]);
  });

  test("is dropped for later ones beyond 64 Mi characters, and who asks is told", async () => {
    const large = [40, 20, 10, 70].map((mebi) => anyTool(`large_${mebi}`, () => "x".repeat(mebi * 1024 * 1024)));
    const call = { toolCalls: large.map(({ name }) => ({ name })) };
    const script = [call, read("fd:1"), { text: "done" }];
    const proc = await new LLMProgram({ model: scripted(script), ...options, tools: [...large, readOn] }).start();
    await inTime(proc.run("x"));
    const [, , third, tooLarge, asked] = repliesOf(proc);
    expect(third?.content).toContain("see fd:3");
    expect(tooLarge?.content).toMatch(/missing here\]/);
    expect(asked?.content).toBe("fd:1 was dropped to make room for later results. Kept: fd:2, fd:3.");
  });

  test("is not kept, nor named, where no tool reads on", async () => {
    const codes: unknown[] = [];
    const asks = anyTool("asks", (_args, { process }) => {
      try {
        process.readResult("fd:1");
      } catch (error) {
        codes.push((error as { code?: unknown }).code);
      }
    });
    const { replies } = await run([returns(rows), asks], { maxToolResultCharacters: 300 });
    expect(replies[0]?.content).toContain("more items]");
    expect(codes).toEqual(["result_missing"]);
  });
});
