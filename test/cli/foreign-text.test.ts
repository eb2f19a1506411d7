import { expect, test } from "vitest";
import { folder, program } from "./command.ts";
import { foreignSequences, inTerminal } from "./terminal.ts";

const time = { timeout: 40_000 };
/** What would be read as a question of ours if it began a row, at every distance from the edge. */
const FORGED = "? read_file  for demo";
const planted = `\x1b[31m${Array.from({ length: 20 }, (_, count) => "\u{1F44D}\u{1F3FD}".repeat(count % 10) + ".".repeat(count) + FORGED).join("\n")}`;
/** How a row begins that a terminal has broken within it. */
const FOREIGN = /^(?:[.␛]|\? read|\u{1F44D}|\u{1F3FD}|\[31m|read_file|for demo|demo|_?file)/u;

test.for([80, 40, 20])("at %i columns nothing of a call that is asked about begins a row", time, async (columns) => {
  const call = `{ name = "write_stderr", args = { message = ${JSON.stringify(planted.replaceAll("\x1b", ""))} } }`;
  const cwd = folder({
    "ask.toml": `${program(`text = "Ask.", tool_calls = [${call}]`, 'text = "Well."')}[tools]\nbuiltin = ["write_stderr"]\n`,
  });
  const terminal = await inTerminal(["ask.toml", "-p", "Go", "--approve", "*"], { cwd, columns, rows: 50 });
  await terminal.shows(/Run it\? >\s*$/);
  await terminal.types("v");
  await terminal.shows(/Run it\? > v\n[\s\S]*Run it\? >\s*$/);
  await terminal.types("n no");
  expect(await terminal.exitCode()).toBe(0);
  const lines = (await terminal.shows(/Well\.\s*$/)).split("\n");
  expect(lines.filter((line) => FOREIGN.test(line) && !line.startsWith("? write_stderr"))).toEqual([]);
  expect(lines.filter((line) => line.startsWith("  │ ")).length).toBeGreaterThan(20);
});

test.for([80, 40, 20])(
  "at %i columns nothing of errors and warnings that quote others begins a row",
  time,
  async (columns) => {
    const warns = `const raw = ${JSON.stringify(planted)};
export default [
  { callbackOptions: { name: "returns " + raw }, tool_start: () => ({ content: "?" }) },
  { turn_start() { process.emitWarning(raw, { type: "Odd", detail: raw }); } },
  { callbackOptions: { name: "throws " + raw }, tool_start() { throw new Error(raw); } },
  { turn_end() { setTimeout(() => { throw new Error(raw); }); } },
];`;
    const call = '{ name = "calculator", args = { expression = "1" } }';
    const cwd = folder({
      "calls.toml": `${program(`tool_calls = [${call}]`, 'text = "done", delay_ms = 60000')}[tools]\nbuiltin = ["calculator"]\n`,
      "warns.mjs": warns,
    });
    const terminal = await inTerminal(["calls.toml", "-p", "Hi", "-q", "--callback", "warns.mjs"], { cwd, columns });
    expect(await terminal.exitCode()).toBe(1);
    const screen = await terminal.shows(/Nobody expected[\s\S]*them/);
    for (const said of ["Odd: ", "What callback", "warning: callback throws", "error: Error: "]) {
      expect(screen.replace(/\n\s*/g, " ")).toContain(said);
    }
    expect(screen.split("\n").filter((line) => FOREIGN.test(line))).toEqual([]);
    expect(foreignSequences(terminal.bytes())).toEqual([]);
  },
);
