import { expect, test } from "vitest";
import { folder, llmproc, program } from "./command.ts";

test("--json prints one line: the RunResult, the exit code and no error", async () => {
  const toml = `${program('text = "Hello.", usage = { input_tokens = 1000000, output_tokens = 100000 }')}
    [pricing]\ninput_usd_per_million = 3\noutput_usd_per_million = 15\n`;
  const { code, stdout, stderr } = await llmproc(["hello.toml", "-p", "Hi", "--json"], {
    cwd: folder({ "hello.toml": toml }),
  });
  expect(code).toBe(0);
  expect(stdout.indexOf("\n")).toBe(stdout.length - 1);
  expect(JSON.parse(stdout)).toEqual({
    exitCode: 0,
    error: null,
    runId: expect.stringMatching(/\.r1$/),
    stopReason: "end",
    lastMessage: "Hello.",
    usdCost: 4.5,
    apiCalls: 1,
    toolCalls: 0,
    inputTokens: 1_000_000,
    outputTokens: 100_000,
    reasoningTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    totalTokens: 1_100_000,
    usdUncertain: 0,
    usdReported: 0,
    unpriced: [],
    flags: [],
    models: [expect.objectContaining({ provider: "scripted", model: "scripted", usdCost: 4.5 })],
    limits: {},
    durationMs: expect.any(Number),
    vetoes: [],
    processes: [expect.objectContaining({ name: "hello", usdCost: 4.5 })],
  });
  expect(stderr).toContain("turn 1");
});

test("--json says why a run failed, and what it came to until then", async () => {
  const guard = 'export default class Guard { turn_start() { throw new Error("too much"); } }';
  const cwd = folder({ "hello.toml": program('text = "Hello."'), "guard.mjs": guard });
  const { stdout } = await llmproc(["hello.toml", "-p", "Hi", "--json", "-q", "--callback", "guard.mjs"], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({
    exitCode: 4,
    stopReason: "callback",
    lastMessage: "",
    apiCalls: 0,
    error: {
      code: "run_failed",
      message: "Callback Guard ended the run at turn_start: too much",
      cause: { code: "Error", message: "too much" },
    },
    vetoes: [{ event: "turn_start", callback: "Guard", reason: "too much" }],
  });
});

test("--json says where a program is wrong, and what was wrong with the usage", async () => {
  const cwd = folder({ "bad.toml": "[model]\nprovider = 3\n", "hello.toml": program('text = "Hello."') });
  const bad = await llmproc(["bad.toml", "-p", "Hi", "--json"], { cwd });
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.stdout)).toEqual({
    exitCode: 1,
    error: { code: "program_invalid", message: expect.any(String), file: "bad.toml", line: 2, column: 1 },
    stopReason: null,
    lastMessage: "",
  });
  const promptless = await llmproc(["hello.toml", "--json"], { cwd });
  expect(promptless.code).toBe(2);
  expect(JSON.parse(promptless.stdout)).toMatchObject({ exitCode: 2, error: { code: "usage" }, stopReason: null });
});

test("--json loses nothing of hostile text and has no character that a terminal obeys", async () => {
  const hostile = "\x1b[2J\x9b31m\u202eevil\u2028\x7f\r\0\u{e0041}é日本\u200d👩‍🚀";
  const cwd = folder({ "hostile.toml": program(`text = ${tomlString(hostile)}`) });
  const { stdout } = await llmproc(["hostile.toml", "-p", "Hi", "--json", "-q"], { cwd });
  expect(JSON.parse(stdout).lastMessage).toBe(hostile);
  expect(stdout).not.toMatch(/[^\P{C}\n\u200d]|[\p{Zl}\p{Zp}]/u);
  expect(stdout).toContain("é日本");
});

/** TOML's own escapes of whatever it does not take as it is. */
function tomlString(text: string): string {
  const escaped = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return /[\p{C}\p{Zl}\p{Zp}"\\]/u.test(character) ? `\\U${code.toString(16).padStart(8, "0")}` : character;
  });
  return `"${escaped.join("")}"`;
}
