import { expect, test } from "vitest";
import { folder, llmproc, program } from "./command.ts";

const CALLS = `${program('text = "Let me see.", tool_calls = [{ name = "calculator", args = { expression = "1" } }]', 'text = "1"')}[tools]\nbuiltin = ["calculator"]\n`;
const NEVER = "new Promise(() => {})";
const hangs = (event: string) =>
  `export default { callbackOptions: { timeoutMs: Infinity, name: "audit" }, ${event}: () => ${NEVER} };`;
const WAKES = ", and nothing is left that could wake it.";

test.for(["run_start", "turn_start", "api_request", "tool_start"])(
  "a guard of %s that never settles and has no time limit ends the command with a line that names it",
  async (event) => {
    const cwd = folder({ "calls.toml": CALLS, "audit.mjs": hangs(event) });
    const args = ["calls.toml", "-p", "Hi", "--callback", "audit.mjs"];
    const { code, stdout, stderr } = await llmproc(args, { cwd });
    expect([code, stdout]).toEqual([1, event === "tool_start" ? "Let me see.\n" : ""]);
    const said = `The command waits for callback audit, which has not answered in ${event} and has no time limit${WAKES}`;
    expect(stderr).toContain(`\nerror: ${said}\n`);
    const json = await llmproc([...args, "--json", "-q"], { cwd });
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      expect.objectContaining({ exitCode: 1, error: { code: "stuck", message: said }, stopReason: "aborted" }),
    ]);
  },
);

test("a callback file that never finishes loading ends the command with a line that says so", async () => {
  const cwd = folder({ "calls.toml": CALLS, "audit.mjs": `await ${NEVER};\nexport default {};` });
  const ended = await llmproc(["calls.toml", "-p", "Hi", "--callback", "audit.mjs", "-q"], { cwd });
  expect(ended).toEqual({
    code: 1,
    stdout: "",
    stderr: `error: The command waits for something that never settles, such as an await at the top of a callback file${WAKES}\n`,
  });
});

test("a guard that a timer wakes is waited for, however long nothing else happens", async () => {
  const waits = `export default { tool_start: () => new Promise((resolve) => setTimeout(resolve, 400)) };`;
  const cwd = folder({ "calls.toml": CALLS, "waits.mjs": waits });
  expect(await llmproc(["calls.toml", "-p", "Hi", "--callback", "waits.mjs", "-q"], { cwd })).toEqual({
    code: 0,
    stdout: "1\n",
    stderr: "",
  });
});
