import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { OutputOptions } from "./report.ts";

/** `llmproc demo`: the program of `examples/demo` in the current folder. `done` gets the exit code. */
export function demoCommand(done: (exitCode: number) => void): Command {
  return new Command("demo")
    .summary("see it work: ten seconds, no key, no network")
    .description(
      "Runs the program examples/demo/demo.toml of this package in the current folder. Its model is scripted, so no key " +
        "and no network are needed; tools, children and callbacks are real.",
    )
    .option("--json", "print one JSON object: the answer, why it ended, tokens, cost")
    .option("-q, --quiet", "no live view; errors still show")
    .action(async (options: OutputOptions) => done(await demo(options)));
}

async function demo(options: OutputOptions): Promise<number> {
  const [{ report }, { writeNote }] = await Promise.all([import("./report.ts"), import("./output.ts")]);
  const { file, shownFile } = demoFile();
  const talks = options.quiet !== true;
  if (talks) writeNote("Scripted model, prices for show: no key, no network. All else is real.\n");
  const exitCode = await report(options, async (signals) => {
    const [{ LLMProgram }, { runProgram }, { provideOwnPackage }] = await Promise.all([
      import("../program/llm-program.ts"),
      import("./run-program.ts"),
      import("./own-package.ts"),
    ]);
    const program = LLMProgram.fromFile(file);
    provideOwnPackage();
    return await runProgram(program, program.userPrompt ?? "", { quiet: options.quiet, signals });
  });
  if (talks && exitCode === 0) writeNote(`\nThe program of this demo, to be copied: ${shownFile}`);
  return exitCode;
}

/** Beside `src/` and beside `dist/`: in a clone and in the installed package. */
function demoFile(): { file: string; shownFile: string } {
  const file = fileURLToPath(new URL("../../examples/demo/demo.toml", import.meta.url));
  const fromHere = relative(".", file);
  return { file, shownFile: fromHere.startsWith("..") ? file : fromHere };
}
