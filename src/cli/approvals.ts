import { hasOwnTerminal } from "../callbacks/approval/own-terminal.ts";
import { approval } from "../callbacks/approval.ts";
import type { ObjectCallback } from "../events/callback.ts";
import type { LLMProgram } from "../program/llm-program.ts";
import { unknownTool } from "../program/program-checks.ts";
import { writeWarning } from "./output.ts";
import { UsageError } from "./usage-error.ts";

export interface ApprovalFlags {
  /** `--approve`: ask before these tools, besides those of the program. `*` is all. */
  readonly approve?: readonly string[];
  /** `--allow`: do not ask before these, whatever the program says. */
  readonly allow?: readonly string[];
}

/**
 * What asks for the approvals of a run; false where none are needed. If there is no terminal to ask on, it says so
 * now: each of those calls will be refused.
 * @throws UsageError for a name that is no tool of the program
 */
export function approvals(
  program: Pick<LLMProgram, "approval" | "tools">,
  { approve = [], allow = [] }: ApprovalFlags,
): ObjectCallback | false {
  checkNames(program, "--approve", approve);
  checkNames(program, "--allow", allow);
  const asked = new Set([...program.approval, ...approve]);
  const isIn = (names: ReadonlySet<string>, name: string) => names.has(name) || names.has("*");
  const allowed = new Set(allow);
  for (const name of approve) {
    if (isIn(allowed, name)) throw new UsageError(`--approve ${name} asks for what --allow lets through. Take one.`);
  }
  const left = [...asked].filter((name) => !isIn(allowed, name));
  if (left.length === 0) return false;
  if (!hasOwnTerminal()) writeWarning(noTerminalText(left));
  return approval({ tools: (name) => isIn(asked, name) && !isIn(allowed, name), onNoTerminal: () => {} });
}

function checkNames({ tools }: Pick<LLMProgram, "tools">, option: string, names: readonly string[]): void {
  for (const name of names) {
    const unknown = unknownTool(name, tools);
    if (unknown !== undefined) throw new UsageError(`${option} found ${unknown}`);
  }
}

function noTerminalText(names: readonly string[]): string {
  const [what, flags] = names.includes("*")
    ? ["Every call needs", "--allow '*'"]
    : [`Calls of ${names.join(", ")} need`, names.map((name) => `--allow ${name}`).join(" ")];
  return `${what} your approval, and there is no terminal to ask on: they will be refused. To let them run: ${flags}.`;
}
