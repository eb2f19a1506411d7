// Compiled, never run: what must compile, and under each @ts-expect-error what must not.
import type {
  EventInfo,
  EventRecord,
  JsonObject,
  Off,
  ProcessView,
  RunResult,
  ShadowReport,
  ToolResult,
} from "llmproc";
import { answer, CallbackEvent, replaceArgs } from "llmproc";
import { expectTypeOf } from "vitest";
import type { RecordedError, RecordedProcess } from "../../src/events/event-record.ts";

declare const proc: ProcessView;
const lines: string[] = [];

// One event: its arguments, then the info; fewer parameters and any return value will do.
const off = proc.on("tool_end", (toolName, result, info) => {
  expectTypeOf(toolName).toEqualTypeOf<string>();
  expectTypeOf(result).toEqualTypeOf<ToolResult>();
  expectTypeOf(info).toEqualTypeOf<EventInfo>();
});
expectTypeOf(off).toEqualTypeOf<Off>();
off();
proc.on("response", (text) => lines.push(text));
proc.on(CallbackEvent.TURN_START, async (_process, runResult) => {
  expectTypeOf(runResult).toEqualTypeOf<RunResult>();
});
proc.on("tool_start", (toolName) => (toolName === "add" ? answer("3") : replaceArgs({ a: 1 })));

// On trial: its reports go to the others, or to a function.
proc.on("tool_start", () => answer("3"), { trial: true });
proc.on("tool_start", () => answer("3"), {
  trial: (report) => expectTypeOf(report).toEqualTypeOf<ShadowReport>(),
});

// It leaves with the block.
{
  using _heard = proc.on("response", (text) => lines.push(text), { observe: true });
}

// All events as records, narrowing on `event`.
proc.on("*", (record, info) => {
  expectTypeOf(record).toEqualTypeOf<EventRecord>();
  expectTypeOf(info).toEqualTypeOf<EventInfo>();
  expectTypeOf(record.process).toEqualTypeOf<RecordedProcess>();
  if (record.event === "tool_start") {
    expectTypeOf(record.toolName).toEqualTypeOf<string>();
    expectTypeOf(record.toolArgs).toEqualTypeOf<JsonObject>();
  } else if (record.event === "api_error") {
    expectTypeOf(record.error).toEqualTypeOf<RecordedError>();
  } else if (record.event === "callback_error") {
    expectTypeOf(record.fault.error).toEqualTypeOf<RecordedError>();
    // @ts-expect-error an error of a callback is no tool call
    lines.push(record.toolName);
  }
  // @ts-expect-error only some events have a text
  lines.push(record.text);
});

// @ts-expect-error no event is called that
proc.on("tool_strat", () => {});
// @ts-expect-error a tool's name is a text
proc.on("tool_start", (toolName: number) => lines.push(`${toolName}`));
proc.on("tool_start", (_toolName, _toolArgs, info) => {
  // @ts-expect-error the info is read-only
  info.seq = 1;
});
