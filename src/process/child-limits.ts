import { LLMProcError } from "../errors.ts";
import type { ProcessState } from "./process-state.ts";
import type { Run } from "./run.ts";

/**
 * Makes room for one more child of `parent`, or refuses it. The limits of every process above it hold. A child counts
 * while it is open; one that a run made counts until that run is over, so that a model that does nothing but fork comes
 * to an end.
 * @throws LLMProcError `child_limit`; the message is for models, too
 */
export function admitChild(parent: ProcessState, ownerRun: Run | undefined): void {
  let run = ownerRun;
  for (let process: ProcessState | undefined = parent; process !== undefined; process = process.parent) {
    const { limits } = process.program;
    const made = process.openDescendants + (process.run?.descendants ?? 0);
    if (made >= limits.children) throw tooMany(process, run, limits.children);
    if (parent.depth + 1 - process.depth > limits.depth) throw tooDeep(process, limits.depth);
    run = process.ownerRun;
  }
  count(parent, ownerRun, 1);
}

/** A child is closed: only those that no run made may be replaced by others. */
export function releaseChild({ parent, ownerRun }: ProcessState): void {
  if (parent !== undefined) count(parent, ownerRun, -1);
}

function count(parent: ProcessState, ownerRun: Run | undefined, more: 1 | -1): void {
  let run = ownerRun;
  for (let process: ProcessState | undefined = parent; process !== undefined; process = process.parent) {
    if (run === undefined) process.openDescendants += more;
    else if (more > 0) run.descendants += more;
    run = process.ownerRun;
  }
}

function tooMany({ id }: ProcessState, run: Run | undefined, limit: number): LLMProcError {
  if (limit === 0) return none(id, "children");
  const message =
    run === undefined
      ? `Process ${id} may have ${limit} children open at once, theirs among them, and has them. Close some, or raise [limits] children.`
      : `Run ${run.id} may make ${limit} children, theirs among them, and has made them: do the rest yourself. ([limits] children = ${limit})`;
  return new LLMProcError("child_limit", message);
}

function tooDeep({ id }: ProcessState, limit: number): LLMProcError {
  if (limit === 0) return none(id, "depth");
  return new LLMProcError(
    "child_limit",
    `Children may be ${limit} deep below process ${id}, and this one would be deeper: do it yourself. ([limits] depth = ${limit})`,
  );
}

function none(id: string, key: "children" | "depth"): LLMProcError {
  return new LLMProcError("child_limit", `Process ${id} may have no children: do it yourself. ([limits] ${key} = 0)`);
}
