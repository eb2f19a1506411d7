import type { LinkedProgramInfo, Tool } from "../process/tool.ts";
import { budget } from "./budget.ts";
import { calculator } from "./calculator.ts";
import { fork } from "./fork.ts";
import { listDir } from "./list-dir.ts";
import { readFile } from "./read-file.ts";
import { spawn } from "./spawn.ts";
import { writeStderr } from "./write-stderr.ts";

/** What some built-in tools need to know of their program. */
export interface BuiltInOptions {
  /** The folder that file tools stay inside. */
  readonly root: string;
  /** What `spawn` may start by name. */
  readonly linkedPrograms: readonly LinkedProgramInfo[];
  /** Whether the model may say what a child may cost. @default false */
  readonly shares?: boolean;
}

/** The one list of them. */
const BUILT_IN = {
  calculator: () => calculator,
  read_file: ({ root }) => readFile(root),
  list_dir: ({ root }) => listDir(root),
  write_stderr: () => writeStderr,
  fork: ({ shares = false }) => fork({ shares }),
  spawn: ({ linkedPrograms, shares = false }) => spawn(linkedPrograms, { shares }),
  budget: () => budget,
} satisfies Readonly<Record<string, (options: BuiltInOptions) => Tool>>;

/** The name of a tool that comes with the package. */
export type BuiltInToolName = keyof typeof BUILT_IN;

/** The names that a program file may use, in the order of the documentation. */
export const BUILT_IN_TOOL_NAMES: readonly BuiltInToolName[] = Object.freeze(
  Object.keys(BUILT_IN) as BuiltInToolName[],
);

/** The built-in tool of that name; undefined if there is none. */
export function builtInTool(name: string, options: BuiltInOptions): Tool | undefined {
  const known = BUILT_IN_TOOL_NAMES.find((each) => each === name);
  return known === undefined ? undefined : BUILT_IN[known](options);
}
