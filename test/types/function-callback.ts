// Compiled, never run: what must compile, and under each @ts-expect-error what must not.
import type {
  EventInfo,
  EventName,
  FunctionCallback,
  JsonObject,
  ProcessView,
  Retry,
  RunResult,
  ToolResult,
} from "llmproc";
import { CallbackEvent } from "llmproc";
import { expectTypeOf } from "vitest";

declare const proc: ProcessView;
const lines: string[] = [];

// The event narrows the named parameters, compared with its value or with its constant.
proc.addCallback((event, first, second) => {
  expectTypeOf(event).toEqualTypeOf<EventName>();
  if (event === "tool_start") {
    expectTypeOf(first).toEqualTypeOf<string>();
    expectTypeOf(second).toEqualTypeOf<JsonObject>();
  } else if (event === CallbackEvent.TOOL_END) {
    expectTypeOf(first).toEqualTypeOf<string>();
    expectTypeOf(second).toEqualTypeOf<ToolResult>();
  } else if (event === "turn_start") {
    expectTypeOf(first).toEqualTypeOf<ProcessView>();
    expectTypeOf(second).toEqualTypeOf<RunResult>();
  } else if (event === "api_error") {
    expectTypeOf(first).toEqualTypeOf<Error>();
    expectTypeOf(second).toEqualTypeOf<Retry | undefined>();
  } else if (event === "response") {
    expectTypeOf(first).toEqualTypeOf<string>();
    expectTypeOf(second).toEqualTypeOf<EventInfo>();
    // @ts-expect-error a text has no number in it
    first.toFixed();
  }
});

// The info stands after the last argument, and what comes after it is undefined.
proc.addCallback((event, first, second, third) => {
  if (event === "tool_end") expectTypeOf(third).toEqualTypeOf<EventInfo>();
  if (event === "stderr_write")
    expectTypeOf([first, second, third]).toEqualTypeOf<(string | EventInfo | undefined)[]>();
});
proc.addCallback((event, _process, _response, results, info) => {
  if (event === "turn_end") {
    expectTypeOf(results).toEqualTypeOf<readonly ToolResult[]>();
    expectTypeOf(info).toEqualTypeOf<EventInfo>();
  }
});

// Shorter functions, the specification's `(event, ...args)`, async ones, and any return value.
proc.addCallback(() => lines.push("something happened"));
proc.addCallback((event) => lines.push(event));
proc.addCallback((event, first) => {
  if (event === "response") lines.push(first);
});
proc.addCallback((event, ...args) => lines.push(`${event} ${args.length}`));
proc.addCallback(async (event, first) => {
  if (event === "response_delta") lines.push(first);
});

// A function declared elsewhere, with the type for it or with its own parameters.
const annotated: FunctionCallback = (event, first, second) => {
  if (event === "tool_start") expectTypeOf(second).toEqualTypeOf<JsonObject>();
  if (event === "response") expectTypeOf(first).toEqualTypeOf<string>();
};
const withoutParameters: FunctionCallback = () => lines.push("something happened");
const withTheEvent: FunctionCallback = (event) => lines.push(event);
const withOneArgument: FunctionCallback = async (event, first) => {
  if (event === "response") lines.push(first);
};
const withAll: FunctionCallback = (event, _process, _response, _results, info) => {
  if (event === "turn_end") expectTypeOf(info).toEqualTypeOf<EventInfo>();
};
const withRest: FunctionCallback = (event, ...args) => lines.push(`${event} ${args.length}`);
const wholeCall: FunctionCallback = (...call) => {
  if (call[0] === "tool_start") expectTypeOf(call[2]).toEqualTypeOf<JsonObject>();
};
for (const callback of [annotated, withoutParameters, withTheEvent, withOneArgument, withAll, withRest, wholeCall]) {
  proc.addCallback(callback);
}
// @ts-expect-error no event has a number as its first argument
const wrong: FunctionCallback = (event: EventName, first: number) => lines.push(`${event} ${first}`);
proc.addCallback(wrong);
const ownParameters = (event: EventName, ...args: readonly unknown[]) => lines.push(`${event} ${args.length}`);
const onlyEvent = (event: string) => lines.push(event);
proc.addCallback(ownParameters).addCallback(onlyEvent);

// A function may carry its options.
proc.addCallback(Object.assign((event: EventName) => lines.push(event), { callbackOptions: { observe: true } }));

// @ts-expect-error no event is called that
proc.addCallback((event) => event === "tool_strat");
// @ts-expect-error no event has a number as its first argument
proc.addCallback((event: EventName, first: number) => lines.push(`${event} ${first}`));
// @ts-expect-error there is no such option
proc.addCallback((event) => lines.push(event), { timeoutSeconds: 1 });
// @ts-expect-error a text is no callback
proc.addCallback("tool_start");
