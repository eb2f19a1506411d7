import { Command } from "commander";
import type { ApprovalFlags } from "./approvals.ts";
import type { LimitFlags } from "./limit-flags.ts";
import { limitFlags, limitsOf } from "./limit-flags.ts";
import type { PromptOptions } from "./prompt.ts";
import type { OutputOptions } from "./report.ts";

interface RunFlags extends PromptOptions, OutputOptions, ApprovalFlags, LimitFlags {
  readonly callback?: readonly string[];
}

/** `llmproc run <program>`, also without the word. `done` gets the exit code. */
export function runCommand(done: (exitCode: number) => void): Command {
  const command = new Command("run")
    .summary("run a program file; the word `run` can be left out")
    .description("Runs a program file for one prompt. The answer goes to stdout, everything else to stderr.")
    .argument("<program>", "a .toml, .yaml or .yml file")
    .option("-p, --prompt <text>", "what to ask")
    .option("-f, --prompt-file <file>", "take the prompt from a file; - is stdin")
    .option("-a, --append", "put the prompt after the program's own, not in its place")
    .option("--callback <file>", "register what this .js or .ts file exports; repeatable", collected)
    .option("--approve <tool>", "ask before each call of a tool, * for all; repeatable", collected)
    .option("--allow <tool>", "do not ask before a tool that the program wants approved; repeatable", collected);
  for (const option of limitFlags()) command.addOption(option);
  return command
    .option("--json", "print one JSON object: the answer, why it ended, tokens, cost")
    .option("-q, --quiet", "no live view; errors still show")
    .action(async (file: string, options: RunFlags) => done(await run(file, options)));
}

async function run(file: string, options: RunFlags): Promise<number> {
  const { report } = await import("./report.ts");
  return await report(options, async (signals) => {
    const [
      { LLMProgram },
      { loadCallbackModules },
      { choosePrompt },
      { runProgram },
      { provideOwnPackage },
      { retryVariables },
    ] = await Promise.all([
      import("../program/llm-program.ts"),
      import("../program/callback-modules.ts"),
      import("./prompt.ts"),
      import("./run-program.ts"),
      import("./own-package.ts"),
      import("./retry-variables.ts"),
    ]);
    const retry = retryVariables();
    const program = LLMProgram.fromFile(file);
    const prompt = await choosePrompt(program.userPrompt, { ...options, signal: signals.signal });
    provideOwnPackage();
    const callbacks = await loadCallbackModules(options.callback ?? []);
    const { approve, allow, quiet } = options;
    const limits = limitsOf(options);
    const approvals = { ...(approve && { approve }), ...(allow && { allow }) };
    return await runProgram(program, prompt, { callbacks, approvals, limits, retry, quiet, signals });
  });
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
