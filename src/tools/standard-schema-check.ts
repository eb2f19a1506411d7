import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { CheckedArgs, Tool } from "../process/contract/tool.ts";
import type { ArgumentIssue } from "./argument-problem.ts";
import { argumentProblem, schemaProblem } from "./argument-problem.ts";

/** Whether it is a schema of a library that implements https://standardschema.dev (arktype's are functions). */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard: unknown = "~standard" in value ? value["~standard"] : undefined;
  return (
    typeof standard === "object" &&
    standard !== null &&
    "validate" in standard &&
    typeof standard.validate === "function"
  );
}

/** The check of a tool whose parameters are a Standard Schema. What the schema throws becomes a problem. */
export function standardSchemaCheck(schema: StandardSchemaV1): Tool["check"] {
  return (args) => {
    try {
      const result = schema["~standard"].validate(args);
      return "then" in result ? result.then(checked).catch(failed) : checked(result);
    } catch (thrown) {
      return failed(thrown);
    }
  };
}

function checked(result: StandardSchemaV1.Result<unknown>): CheckedArgs {
  if (result.issues === undefined) return { ok: true, args: result.value };
  return { ok: false, problem: argumentProblem(result.issues.map(toIssue)) };
}

function failed(thrown: unknown): CheckedArgs {
  return { ok: false, problem: schemaProblem(thrown) };
}

function toIssue({ path, message }: StandardSchemaV1.Issue): ArgumentIssue {
  return { path: (path ?? []).map((part) => (typeof part === "object" ? part.key : part)), message };
}
