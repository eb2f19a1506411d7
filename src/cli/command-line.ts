import { existsSync } from "node:fs";
import process from "node:process";
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { didYouMean } from "../text/did-you-mean.ts";
import { demoCommand } from "./demo-command.ts";
import { exitCodeOfError, FAILED, WRONG_USAGE } from "./exit-code.ts";
import { writeFailure, writeUnexpected } from "./failure.ts";
import { flushOutput, survivePipesThatClose, writeError } from "./output.ts";
import { runCommand } from "./run-command.ts";
import { UsageError } from "./usage-error.ts";
import { tameWarnings } from "./warnings.ts";

const FIRST_STEPS = `llmproc runs LLM programs, and shows and controls every step of them.

  llmproc demo                          see it work: ten seconds, no key, no network
  llmproc program.toml -p "Hello."      run a program file
  llmproc --help                        everything else
`;

const EXAMPLES = `
Examples:
  llmproc demo
  llmproc program.toml -p "What is in this folder?"
  git diff | llmproc review.toml --quiet > review.md
  llmproc program.toml --callback guard.ts --json

Exit codes: 0 done, 1 an error, 2 wrong usage, 3 a limit, 4 ended by a callback,
            5 the model's API, 130 Ctrl-C, 143 SIGTERM`;

/** Runs what was typed, and returns the exit code when all is written. Never rejects. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  survivePipesThatClose();
  tameWarnings();
  process.on("uncaughtException", (error) => {
    const exit = () => process.exit(FAILED);
    writeUnexpected(error);
    flushOutput().then(exit, exit);
  });
  const exitCode = await obey(args);
  await flushOutput();
  return exitCode;
}

async function obey(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    process.stdout.write(FIRST_STEPS);
    return 0;
  }
  let exitCode = 0;
  const program = commands((code) => {
    exitCode = code;
  });
  try {
    refuseUnknownCommand(args[0] ?? "", program);
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    writeFailure(error, undefined);
    return exitCodeOfError(error, undefined);
  }
}

function commands(done: (exitCode: number) => void): Command {
  const program = new Command("llmproc")
    .description("Runs LLM programs as processes, and shows and controls every step of them.")
    .usage("<program.toml> [options]\n       llmproc <command>")
    .option("-V, --version", "print the version")
    .helpOption("-h, --help", "print this, or the help of a command")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES);
  program.addCommand(runCommand(done), { isDefault: true });
  program.addCommand(demoCommand(done));
  for (const command of [program, ...program.commands]) polish(command);
  return program;
}

/** The same look and the same manners for all commands. */
function polish(command: Command): void {
  const paint = (style: "bold" | "cyan") => (text: string) => styleText(style, text, { validateStream: false });
  command
    .exitOverride()
    .showHelpAfterError(command.name() === "run" ? "Try: llmproc run --help" : "Try: llmproc --help")
    .configureHelp({ styleTitle: paint("bold"), styleCommandText: paint("cyan"), styleSubcommandText: paint("cyan") })
    .configureOutput({ outputError: (text) => writeError(text.replace(/^error: /, "")) });
}

/** A first word that is no command and can be no file. (All else is a program to run.) */
function refuseUnknownCommand(word: string, program: Command): void {
  const names = program.commands.map((command) => command.name());
  if (/^-|[./\\]/.test(word) || names.includes(word) || existsSync(word)) return;
  const hint = didYouMean(word, names) || ` There are ${names.join(" and ")}; a program is named by its file.`;
  throw new UsageError(`There is no command "${word}".${hint}`);
}
