// Compiled, never run: what must compile, and under each @ts-expect-error what must not.
import type {
  Callback,
  CallbackOptions,
  EventInfo,
  JsonObject,
  JsonValue,
  ObjectCallback,
  ProcessView,
  RunResult,
  ToolResult,
} from "llmproc";
import { expectTypeOf } from "vitest";

declare const proc: ProcessView;
const lines: string[] = [];

// The methods of an object literal know their arguments; sync and async mix, and any return value will do.
proc.addCallback({
  tool_start(toolName, toolArgs, info) {
    expectTypeOf(toolName).toEqualTypeOf<string>();
    expectTypeOf(toolArgs).toEqualTypeOf<JsonObject>();
    expectTypeOf(info).toEqualTypeOf<EventInfo>();
  },
  async tool_end(_toolName, result) {
    expectTypeOf(result).toEqualTypeOf<ToolResult>();
  },
  turn_end(process, response, toolResults) {
    expectTypeOf(process).toEqualTypeOf<ProcessView>();
    expectTypeOf(response).toEqualTypeOf<JsonValue | undefined>();
    expectTypeOf(toolResults).toEqualTypeOf<readonly ToolResult[]>();
  },
  response: (text) => lines.push(text),
});

// The specification's classes: private state, old signatures with fewer parameters, an optional run result.
class CostMonitor {
  readonly #limitUsd: number;
  readonly callbackOptions: CallbackOptions = { timeoutMs: 1_000 };
  private warnings = 0;

  constructor(limitUsd: number) {
    this.#limitUsd = limitUsd;
  }

  turn_start(_process: ProcessView, runResult?: RunResult): void {
    if (runResult && runResult.usdCost > this.#limitUsd)
      throw new Error(`Over the limit, warned ${this.warnings} times`);
  }

  async turn_end(): Promise<void> {
    this.warnings += 1;
  }

  report(): string {
    return `${this.warnings}`;
  }
}

class TurnStartOnly {
  turn_start(process: { readonly id: string }): void {
    lines.push(process.id);
  }
}

proc.addCallback(new CostMonitor(5)).addCallback(new TurnStartOnly(), { observe: true, inherit: false, name: "turns" });
proc.removeCallback(new TurnStartOnly());

const annotated: ObjectCallback = { response: (text) => lines.push(text) };
const either: Callback = annotated;
proc.addCallback(either);

class Typed implements ObjectCallback {
  response(text: string, info: EventInfo): void {
    lines.push(`${info.seq} ${text}`);
  }
}
proc.addCallback(new Typed());

// @ts-expect-error a slip in the name of the only method
proc.addCallback({ tool_strat() {} });
// @ts-expect-error a slip beside a good one
proc.addCallback({ tool_start() {}, tool_ned() {} });
// @ts-expect-error a name in the wrong case
proc.addCallback({ toolStart() {} });
// @ts-expect-error a text is no number
proc.addCallback({ response(_text: number) {} });
// @ts-expect-error a handler is a function
proc.addCallback({ response: "text" });
// @ts-expect-error nothing to hear
proc.addCallback(42);
proc.addCallback({
  tool_start(_toolName, toolArgs) {
    // @ts-expect-error what callbacks get is read-only
    toolArgs.path = "/";
  },
});
