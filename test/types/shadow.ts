// Compiled, never run: what must compile, and under each @ts-expect-error what must not.
import type { Callback, JsonObject, ProcessView, ShadowReport } from "llmproc";
import { approval, costLimit, shadow } from "llmproc";
import { expectTypeOf } from "vitest";

declare const proc: ProcessView;

class Guard {
  readonly #words: readonly string[] = [];

  tool_start(toolName: string, toolArgs: JsonObject): void {
    if (this.#words.includes(toolName)) throw new Error(String(toolArgs.text));
  }
}

// Objects, class instances and functions go in; what comes out can be registered, and has the reports.
const trial = shadow(new Guard());
proc.addCallback(trial);
expectTypeOf(trial).toExtend<Callback>();
expectTypeOf(trial.reports).toEqualTypeOf<readonly ShadowReport[]>();
proc.addCallback(shadow(costLimit(1)), { inherit: false });
proc.addCallback(shadow((event: string) => void event));
expectTypeOf(shadow((event: string) => void event)).toExtend<Callback>();

// The methods of a literal know their arguments.
shadow({
  tool_start(toolName, toolArgs) {
    expectTypeOf(toolName).toEqualTypeOf<string>();
    expectTypeOf(toolArgs).toEqualTypeOf<JsonObject>();
  },
});

// Functions narrow as they do in addCallback.
shadow((event, first, second) => {
  if (event === "tool_start") expectTypeOf([first, second] as const).toEqualTypeOf<readonly [string, JsonObject]>();
});

// A verdict narrows on what would have been done.
const [report] = trial.reports;
if (report?.verdict.would === "deny") expectTypeOf(report.verdict.reason).toEqualTypeOf<string>();
if (report?.verdict.would === "replace_args") expectTypeOf(report.verdict.args).toEqualTypeOf<JsonObject>();

// @ts-expect-error - no callback
shadow("guard");
// @ts-expect-error - an approval must say for which tools
approval({});
approval({ tools: "*" });
// @ts-expect-error - "all" is no way to say all
approval({ tools: "all" });
approval({ tools: (toolName, toolArgs, info) => toolName === "echo" && "text" in toolArgs && info.turn === 1 });
