import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { approval } from "../../src/callbacks/approval.ts";
import type { Person } from "./person.ts";
import { person } from "./person.ts";
import { programOf } from "./program.ts";

const call = (text: string) => ({ name: "echo", args: { text } });

/** Somebody at a terminal that says when it is in raw mode, and something that is done at each piece that is shown. */
function watching(shown: (text: string, someone: Person) => void): Person & { readonly modes: boolean[] } {
  const someone = person();
  const modes: boolean[] = [];
  const input = Object.assign(someone.input, {
    isRaw: false,
    setRawMode(isRaw: boolean) {
      input.isRaw = isRaw;
      modes.push(isRaw);
    },
  });
  const output = Object.create(someone.output, {
    write: {
      value(text: string) {
        someone.output.write(text);
        shown(text, someone);
      },
    },
  }) as Person["output"];
  return { ...someone, output, modes };
}

async function ran(someone: Pick<Person, "input" | "output">, texts: readonly string[]) {
  const guard = approval({ tools: "*", input: someone.input, output: someone.output, color: false });
  const proc = await programOf([{ toolCalls: texts.map(call) }, {}])
    .start()
    .addCallback(guard);
  const results: string[] = [];
  proc.on("tool_end", (_toolName, { content }) => results.push(content));
  return { run: proc.run("go"), results };
}

test("keys are held back until a question waits for its answer, and the terminal is then as it was", async () => {
  const seen: [text: string, isRaw: boolean][] = [];
  const someone = watching((text, { input }) => {
    seen.push([text.slice(0, 2), (input as { isRaw?: boolean }).isRaw ?? false]);
    if (text.endsWith("> ")) input.write("y\n");
  });
  const { run, results } = await ran(someone, ["one", "two"]);
  await run;
  expect(seen).toEqual([
    ["? ", true],
    ["  ", false],
    ["? ", true],
    ["  ", false],
  ]);
  expect([results, someone.modes.at(-1)]).toEqual([["one", "two"], false]);
});

test("a terminal that was in raw mode is so again after a question, and was not while it waited", async () => {
  let wasRaw: boolean | undefined;
  const someone = watching((text, { input }) => {
    if (!text.endsWith("> ")) return;
    wasRaw = (input as { isRaw?: boolean }).isRaw;
    input.write("y\n");
  });
  Object.assign(someone.input, { isRaw: true });
  const { run, results } = await ran(someone, ["one"]);
  await run;
  expect([results, wasRaw, someone.input]).toEqual([["one"], false, expect.objectContaining({ isRaw: true })]);
});

test("an answer that is typed twice, however fast, does not answer the next question", async () => {
  const again = Promise.withResolvers<void>();
  const someone = watching((text, { input }) => {
    if (!text.startsWith("? ") || !text.includes("two")) return;
    // A slow hand: the whole line a tenth of a second later once more.
    input.write("y\n");
    setTimeout(() => again.resolve(void input.write("y\n")), 100);
  });
  const { run, results } = await ran(someone, ["one", "two"]);
  await someone.answers(/text: one/, "y\ny");
  await again.promise;
  await someone.answers(/text: two[\s\S]*is no answer\.\)\n/, "n no");
  await run;
  expect(results).toEqual(["one", "The user said no: no"]);
});

test("lines that come one at a time, as a terminal gives them, answer nothing that they were typed before", async () => {
  const lines = Array.from({ length: 20 }, () => "y\n");
  const { output, sees } = person();
  // Each read gives one line, in a round of the loop of its own.
  const input = Object.assign(
    new Readable({
      highWaterMark: 1,
      read() {
        setImmediate(() => this.push(lines.shift() ?? (answered ? "n no\n" : "")));
      },
    }),
    { isTTY: true },
  );
  let answered = false;
  const { run, results } = await ran({ input: input as never, output }, ["one"]);
  await sees(/is no answer\.\)\n {2}Run it\? >$/);
  expect(results).toEqual([]);
  answered = true;
  input.push("n no\n");
  await run;
  expect(results).toEqual(["The user said no: no"]);
});

test("Enter is a carriage return where keys come as they are typed", async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const { output, sees } = person();
  const { run, results } = await ran({ input, output }, ["one", "two"]);
  await sees(/text: one[\s\S]*Run it\? >$/);
  input.write("n\r");
  await sees(/Why not\?.*>$/);
  input.write("too late\r\n");
  await sees(/text: two[\s\S]*Run it\? >$/);
  input.write("y\r");
  await run;
  expect(results).toEqual(["The user said no: too late", "two"]);
});
