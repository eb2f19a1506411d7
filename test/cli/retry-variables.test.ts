import { expect, test } from "vitest";
import { sampleOf } from "../support/sample.ts";
import { folder, llmproc, program } from "./command.ts";

const failing = "error = { status = 529, message = 'busy' }";
/** Says what each `api_error` announced. */
const tell = 'export default { api_error(error, retry) { console.error("retry=" + JSON.stringify(retry ?? null)); } };';

async function retriesOf(toml: string, env: Record<string, string>, files: Record<string, string> = {}) {
  const cwd = folder({ "busy.toml": toml, "tell.mjs": tell, ...files });
  const ended = await llmproc(["busy.toml", "-p", "Hi", "-q", "--callback", "tell.mjs"], { cwd, env });
  const lines = ended.stderr.split("\n").filter((line) => line.startsWith("retry="));
  return { ...ended, retries: lines.map((line) => JSON.parse(line.slice("retry=".length))) };
}

test("LLMPROC_RETRY_* say how often and how soon, in seconds, whatever the program says", async () => {
  const toml = `${program(failing)}repeat = true\n[retry]\nmax_attempts = 9\ninitial_delay_ms = 3_600_000\n`;
  const env = {
    LLMPROC_RETRY_MAX_ATTEMPTS: "3",
    LLMPROC_RETRY_INITIAL_WAIT: " 0.004 ",
    LLMPROC_RETRY_MAX_WAIT: "0.001",
  };
  const { code, stderr, retries } = await retriesOf(toml, env);
  expect(code).toBe(5);
  expect(retries).toMatchObject([{ attempt: 2, maxAttempts: 3 }, { attempt: 3, maxAttempts: 3 }, null]);
  expect(retries.every((retry) => retry === null || retry.delayMs <= 1)).toBe(true);
  expect(stderr).toContain("error: busy. Given up after 3 attempts: [retry] max_attempts allows no more.\n");
});

test("each wins over one key: what no variable says, the program says", async () => {
  const toml = `${program(failing)}repeat = true\n[retry]\nmax_attempts = 2\ninitial_delay_ms = 0\n`;
  const { retries } = await retriesOf(toml, { LLMPROC_RETRY_MAX_WAIT: "60", LLMPROC_RETRY_MAX_ATTEMPTS: "" });
  expect(retries).toEqual([{ attempt: 2, maxAttempts: 2, delayMs: 0 }, null]);
});

test("they hold for forks and for programs that are spawned, too", async () => {
  const calls = [
    '{ name = "fork", args = { prompts = ["a"] } }',
    '{ name = "spawn", args = { program_name = "expert", prompt = "b" } }',
  ];
  const root = `[model]\nprovider = "scripted"\nreplies = [{ tool_calls = [${calls.join(", ")}] }, { text = "done" }]\n`;
  const toml = `${root}child_replies = [{ ${failing} }]\n[tools]\nbuiltin = ["fork", "spawn"]\n[linked_programs]\nexpert = "expert.toml"\n`;
  const expert = `[model]\nprovider = "scripted"\nreplies = [{ ${failing} }]\nrepeat = true\n`;
  const { code, retries } = await retriesOf(toml, { LLMPROC_RETRY_MAX_ATTEMPTS: "1" }, { "expert.toml": expert });
  expect([code, retries]).toEqual([0, [null, null]]);
});

const WRONG: readonly [name: string, value: string, expected: string][] = [
  ["LLMPROC_RETRY_MAX_ATTEMPTS", "0", "a whole number from 1 to 1000000"],
  ["LLMPROC_RETRY_MAX_ATTEMPTS", "2.5", "a whole number from 1 to 1000000"],
  ["LLMPROC_RETRY_MAX_ATTEMPTS", "many", "a whole number from 1 to 1000000"],
  ["LLMPROC_RETRY_INITIAL_WAIT", "-1", "seconds from 0 to 86400"],
  ["LLMPROC_RETRY_INITIAL_WAIT", "1s", "seconds from 0 to 86400"],
  ["LLMPROC_RETRY_MAX_WAIT", "86401", "seconds from 0 to 86400"],
  ["LLMPROC_RETRY_MAX_WAIT", "NaN", "seconds from 0 to 86400"],
];

test.for(sampleOf(WRONG, 2))("%s=%s is wrong usage, told before anything runs", async ([name, value, expected]) => {
  const { code, stdout, stderr } = await retriesOf(program('text = "Hello."'), { [name]: value });
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.split("\n")[0]).toBe(
    `error: The environment variable ${name} is ${JSON.stringify(value)}, expected ${expected}.`,
  );
});
