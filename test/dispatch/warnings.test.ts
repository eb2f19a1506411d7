// isolated: it hears the warnings of the whole Node process.
import process from "node:process";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

/** What a model may say to take over the terminal that a warning is printed on. */
const HOSTILE = [
  "\u001b[2J\u001b[1;31mred",
  "\u001b]52;c;ZWNobw==\u0007",
  "\u009b31m",
  "\u202Ereversed",
  "line\n(node:1) Forged: all is well",
  "line\u2028paragraph\u2029end",
  "back\b\b\rover",
  "\ud800 alone",
];

async function warningsOf(run: () => Promise<unknown>): Promise<readonly Error[]> {
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on("warning", hear);
  try {
    await run();
    // Node tells of a warning in the next tick.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", hear);
  }
  return warnings;
}

test.each(HOSTILE)("a warning that quotes a model is one line of plain text: %j", async (said) => {
  const proc = await new LLMProgram({ model: scripted([{ text: said }]) }).start();
  proc.addCallback(
    {
      response(text: string) {
        throw new Error(`cannot file ${text}`);
      },
    },
    { observe: true, name: `filer ${said}` },
  );
  const [warning] = await warningsOf(() => proc.run("go"));
  expect(warning?.name).toBe("LLMProcWarning");
  expect(warning?.message).toContain("cannot file");
  expect(warning?.message).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
});

test("a warning about a very long error is cut, and says where to hear the whole", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "hi" }]) }).start();
  proc.on("response", () => {
    throw new Error("long ".repeat(100_000));
  });
  const [warning] = await warningsOf(() => proc.run("go"));
  expect(warning?.message.length).toBeLessThan(1500);
  expect(warning?.message).toContain("… (A callback_error handler hears of every such fault.)");
});
