import { expect, test } from "vitest";
import { folder, llmproc, program, start } from "./command.ts";

const hello = program('text = "Hello."');

/** A callback file that writes the prompt of each run to stderr. */
const echo = 'export default { run_start(proc, prompt) { console.error("prompt=" + JSON.stringify(prompt)); } };';

test("the answer alone goes to stdout, what happens goes to stderr in plain lines", async () => {
  const cwd = folder({ "hello.toml": hello });
  const { code, stdout, stderr } = await llmproc(["run", "hello.toml", "-p", "Hi"], { cwd });
  expect([code, stdout]).toEqual([0, "Hello.\n"]);
  expect(stderr).toContain("run: Hi\nturn 1\ntext: Hello.\n");
  expect(stderr).not.toContain("\x1b");
});

test("the word run can be left out, and options may come first", async () => {
  const cwd = folder({ "hello.toml": hello });
  expect((await llmproc(["hello.toml", "-p", "Hi"], { cwd })).stdout).toBe("Hello.\n");
  expect((await llmproc(["-q", "-p", "Hi", "hello.toml"], { cwd })).stdout).toBe("Hello.\n");
});

test("a YAML program runs, too", async () => {
  const cwd = folder({ "hello.yaml": 'model: { provider: scripted, replies: [{ text: "Hello." }] }' });
  expect((await llmproc(["hello.yaml", "-p", "Hi", "-q"], { cwd })).stdout).toBe("Hello.\n");
});

test("in a pipe the answer is what the model wrote, byte for byte", async () => {
  const cwd = folder({ "odd.toml": program('text = "\\u001b[31mred\\u001b[0m\\tend\\n"') });
  expect((await llmproc(["odd.toml", "-p", "Hi", "-q"], { cwd })).stdout).toBe("\x1b[31mred\x1b[0m\tend\n");
});

test.for<[what: string, args: string[], stdin: string | undefined, prompt: string]>([
  ["-p", ["-p", "typed"], undefined, "typed"],
  ["-p, whatever is piped in", ["-p", "typed"], "piped", "typed"],
  ["-f", ["-f", "prompt.txt"], undefined, "from a file\n"],
  ["-f - as what is piped in", ["-f", "-"], "piped", "piped"],
  ["stdin, without the line break at its end", [], "  piped\nlines\n\n", "  piped\nlines"],
  ["stdin, however long", [], "x".repeat(300_000), "x".repeat(300_000)],
  ["the program's own where nothing else is given", [], undefined, "own"],
  ["the program's own where stdin is empty", [], "", "own"],
  ["the program's own, then the given one, with -a", ["-a", "-p", "typed"], undefined, "own\ntyped"],
  ["the program's own, then stdin, with -a", ["-a"], "piped\n", "own\npiped"],
  ["the program's own alone, with -a and nothing else", ["-a"], undefined, "own"],
])("the prompt is %s", async ([, args, stdin, prompt]) => {
  const files = { "own.toml": `${hello}[prompt]\nuser = "own"\n`, "prompt.txt": "from a file\n", "echo.mjs": echo };
  const given = stdin === undefined ? {} : { stdin };
  const ended = await llmproc(["own.toml", "-q", "--callback", "echo.mjs", ...args], { cwd: folder(files), ...given });
  expect([ended.code, ended.stderr]).toEqual([0, `prompt=${JSON.stringify(prompt)}\n`]);
});

test("--quiet leaves stderr empty when all goes well", async () => {
  const cwd = folder({ "hello.toml": hello });
  expect(await llmproc(["hello.toml", "-p", "Hi", "--quiet"], { cwd })).toEqual({
    code: 0,
    stdout: "Hello.\n",
    stderr: "",
  });
});

test("--quiet still tells of an answer that was cut off, and of a callback that failed", async () => {
  const bad = "export default { response() { throw new Error('oops'); } };";
  const cwd = folder({ "cut.toml": program('text = "Hal", stop_reason = "max_tokens"'), "bad.mjs": bad });
  const { code, stderr } = await llmproc(["cut.toml", "-p", "Hi", "--quiet", "--callback", "bad.mjs"], { cwd });
  expect(code).toBe(0);
  expect(stderr.split("\n")).toEqual([
    "warning: callback callback threw Error: oops in response.",
    "warning: The answer was cut off at max_tokens.",
    "",
  ]);
});

test("callbacks of the program and of --callback all hear, in that order", async () => {
  const says = (name: string) => `export default { run_start() { console.error("${name}"); } };`;
  const cwd = folder({
    "hello.toml": `${hello}[callbacks]\nmodules = ["./own.mjs"]\n`,
    "own.mjs": says("own"),
    "one.mjs": says("one"),
    "two.mjs": says("two"),
  });
  const args = ["hello.toml", "-p", "Hi", "-q", "--callback", "one.mjs", "--callback", "two.mjs"];
  expect((await llmproc(args, { cwd })).stderr).toBe("own\none\ntwo\n");
});

test("a callback file far from any node_modules imports llmproc, and its Veto is one", async () => {
  const guard = [
    'import { Veto } from "llmproc";',
    'import { scripted } from "llmproc/testing";',
    'export default { tool_start() { if (scripted) throw new Veto("Not today."); } };',
  ].join("\n");
  const calls = program('tool_calls = [{ name = "calculator", args = { expression = "1" } }]', 'text = "Well."');
  const cwd = folder({ "sum.toml": `${calls}[tools]\nbuiltin = ["calculator"]\n`, "guard.mjs": guard });
  const { stdout, stderr } = await llmproc(["sum.toml", "-p", "Hi", "--json", "--callback", "guard.mjs"], { cwd });
  expect(JSON.parse(stdout).vetoes).toMatchObject([{ event: "tool_start", reason: "Not today." }]);
  expect(stderr).toContain("denied by callback: Not today.");
});

test("a tool or callback that leaves a timer behind does not keep the command alive", async () => {
  const cwd = folder({ "hello.toml": hello, "timer.mjs": "setInterval(() => {}, 1000); export default () => {};" });
  expect((await llmproc(["hello.toml", "-p", "Hi", "-q", "--callback", "timer.mjs"], { cwd })).code).toBe(0);
});

test("a reader of stdout that went away is no error", async () => {
  const cwd = folder({ "slow.toml": program('text = "Hello.", delay_ms = 300') });
  const running = start(["slow.toml", "-p", "Hi"], { cwd });
  await running.says("turn 1");
  running.closeStdout();
  const { code, stderr } = await running.ended;
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("EPIPE")]);
  expect(stderr).toContain("text: Hello.");
});

test("a throw that nobody catches is shown with its place and says whom to ask", async () => {
  const cwd = folder({
    "slow.toml": program('text = "Hello.", delay_ms = 60000'),
    "stray.mjs": "export default { turn_start() { setTimeout(() => { throw new Error('stray \\u001b[31m'); }); } };",
  });
  const { code, stderr } = await llmproc(["slow.toml", "-p", "Hi", "-q", "--callback", "stray.mjs"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: Error: stray ␛\[31m\n.*stray\.mjs:1.*please report it/s);
});
