import { LLMProcError } from "../../errors.ts";

/** The message is for models, too. `runId` is that of the run that would have made it. */
export function tooMany(processId: string, runId: string | undefined, limit: number): LLMProcError {
  if (limit === 0) return none(processId, "children");
  const message =
    runId === undefined
      ? `Process ${processId} may have ${limit} children open at once, theirs among them, and has them. Close some, or raise [limits] children.`
      : `Run ${runId} may make ${limit} children, theirs among them, and has made them: do the rest yourself. ([limits] children = ${limit})`;
  return new LLMProcError("child_limit", message);
}

export function tooDeep(processId: string, limit: number): LLMProcError {
  if (limit === 0) return none(processId, "depth");
  return new LLMProcError(
    "child_limit",
    `Children may be ${limit} deep below process ${processId}, and this one would be deeper: do it yourself. ([limits] depth = ${limit})`,
  );
}

function none(processId: string, key: "children" | "depth"): LLMProcError {
  return new LLMProcError(
    "child_limit",
    `Process ${processId} may have no children: do it yourself. ([limits] ${key} = 0)`,
  );
}
