import type { LinkedProgramInfo, Tool } from "../process/contract/tool.ts";
import { budget } from "./budget.ts";
import type { BuiltInToolName } from "./built-in-tool-names.ts";
import { BUILT_IN_TOOL_NAMES } from "./built-in-tool-names.ts";
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

const BUILT_IN: Readonly<Record<BuiltInToolName, (options: BuiltInOptions) => Tool>> = {
  calculator: () => calculator,
  read_file: ({ root }) => readFile(root),
  list_dir: ({ root }) => listDir(root),
  write_stderr: () => writeStderr,
  fork: ({ shares = false }) => fork({ shares }),
  spawn: ({ linkedPrograms, shares = false }) => spawn(linkedPrograms, { shares }),
  budget: () => budget,
};

/** The built-in tool of that name; undefined if there is none. */
export function builtInTool(name: string, options: BuiltInOptions): Tool | undefined {
  const known = BUILT_IN_TOOL_NAMES.find((each) => each === name);
  return known === undefined ? undefined : BUILT_IN[known](options);
}
