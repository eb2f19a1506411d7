import { expect, test } from "vitest";
import { sampleOf } from "../support/sample.ts";
import { folder, llmproc, program, start } from "./command.ts";

const sum = 'tool_calls = [{ name = "calculator", args = { expression = "1 + 1" } }]';
const tools = '[tools]\nbuiltin = ["calculator"]\n';
const retry = "[retry]\nmax_attempts = 1\n";
const guard = (body: string) => `export default { turn_start(proc) { ${body} } };`;

const usage = "usage = { input_tokens = 5000, output_tokens = 10 }";
const prices = "[parameters]\nmax_tokens = 100\n[pricing]\ninput_usd_per_million = 1\noutput_usd_per_million = 1\n";
const LIMITED = program(`text = "On it.", ${sum}, ${usage}`, sum) + tools + prices;
const SLOW = program(`text = "On it.", ${sum}`, 'text = "Later.", delay_ms = 60000') + tools;

/** Written by hand from the design's table of stop reasons. */
const ENDS: [stopReason: string, code: number, answer: string, toml: string, callback: string, args: string[]][] = [
  ["end", 0, "Hello.\n", program('text = "Hello."'), "", []],
  ["max_tokens", 0, "Hel\n", program('text = "Hel", stop_reason = "max_tokens"'), "", []],
  ["refusal", 0, "No.\n", program('text = "No.", stop_reason = "refusal"'), "", []],
  ["stopped", 0, "", program('text = "Hello."'), guard("proc.stop();"), []],
  ["turn_limit", 3, "On it.\n", program(`text = "On it.", ${sum}`, sum) + tools, "", ["--max-turns", "1"]],
  ["token_limit", 3, "On it.\n", LIMITED, "", ["--token-limit", "8000"]],
  ["cost_limit", 3, "On it.\n", LIMITED, "", ["--cost-limit", "0.008"]],
  ["time_limit", 3, "On it.\n", SLOW, "", ["--time-limit", "0.5"]],
  ["callback", 4, "", program('text = "Hello."'), guard("throw new Error('too much');"), []],
  ["api_error", 5, "", program("error = { status = 400, message = 'bad request' }") + retry, "", []],
  ["interrupted", 5, "Hello\n", program('text = "Hello and more", cut_after = 5'), "", []],
];

function ending([, , , toml, callback, more]: (typeof ENDS)[number], ...flags: readonly string[]) {
  const cwd = folder({ "program.toml": toml, "guard.mjs": callback || "export default () => {};" });
  return llmproc(["program.toml", "-p", "Hi", "-q", "--callback", "guard.mjs", ...more, ...flags], { cwd });
}

test.for(ENDS)("a run that ends by %s exits with %i", async (end) => {
  const [, code, answer] = end;
  const plain = await ending(end);
  expect([plain.code, plain.stdout]).toEqual([code, answer]);
  expect(plain.stderr).toMatch(code === 0 ? /^(warning: [^\n]+\n)?$/ : /^error: [^\n]+\n$/);
});

test.for(sampleOf(ENDS, 3))("with --json, too, a run that ends by %s exits with %i", async (end) => {
  const [stopReason, code, answer] = end;
  const json = await ending(end, "--json");
  const { exitCode, error, ...facts } = JSON.parse(json.stdout);
  expect([json.code, exitCode, facts.stopReason, facts.lastMessage]).toEqual([
    code,
    code,
    stopReason,
    answer.trimEnd(),
  ]);
  expect(error?.code).toBe(code === 0 ? undefined : "run_failed");
});

test.for<[NodeJS.Signals, number, string]>([
  ["SIGINT", 130, "Ctrl-C"],
  ["SIGTERM", 143, "SIGTERM"],
])("a run that %s ends prints what it has of the answer and exits with %i", async ([signal, code, name]) => {
  const tell = 'export default { response_delta(text) { console.error("heard " + text); } };';
  const cwd = folder({ "slow.toml": program('text = "one two three four five", delay_ms = 5000'), "tell.mjs": tell });
  const running = start(["slow.toml", "-p", "Hi", "-q", "--callback", "tell.mjs"], { cwd });
  await running.says("heard one");
  running.kill(signal);
  const ended = await running.ended;
  expect([ended.code, ended.stdout]).toEqual([code, expect.stringMatching(/^one\b/)]);
  expect(ended.stderr).toContain(`error: The run was ended by ${name}.\n`);
});

test("a second signal ends the command at once, whatever still runs", async () => {
  const stuck = [
    "export default {",
    "  callbackOptions: { timeoutMs: Infinity },",
    "  turn_start() { console.error('busy'); },",
    "  async run_end() { console.error('stuck'); await new Promise(() => setInterval(() => {}, 1000)); },",
    "};",
  ].join("\n");
  const cwd = folder({ "slow.toml": program('text = "Hi", delay_ms = 60000'), "stuck.mjs": stuck });
  const running = start(["slow.toml", "-p", "Hi", "-q", "--callback", "stuck.mjs"], { cwd });
  await running.says("busy");
  running.kill("SIGINT");
  await running.says("stuck");
  running.kill("SIGINT");
  expect(await running.ended).toEqual({ code: 130, stdout: "", stderr: "busy\nstuck\n" });
});

test("Ctrl-C ends the wait for a prompt on stdin", async () => {
  const cwd = folder({ "hello.toml": program('text = "Hello."') });
  const running = start(["hello.toml"], { cwd, stdin: null });
  await running.says("Waiting for the prompt on stdin");
  running.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
});
