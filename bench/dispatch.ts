import { Dispatcher } from "../src/dispatch/dispatcher.ts";
import { registerCallback } from "../src/dispatch/register.ts";
import { Scope } from "../src/dispatch/scope.ts";
import { EVENTS } from "../src/events/callback-event.ts";
import type { ProcessView } from "../src/events/process-view.ts";
import type { ToolResult } from "../src/events/tool-result.ts";
import type { Row } from "./measure.ts";
import { nanosecondsOf, settledNanosecondsOf } from "./measure.ts";

const process = { id: "bench" } as ProcessView;
const result: ToolResult = Object.freeze({ content: "3", isError: false });

let heard = 0;

function handlers(count: number): { tool_end(name: string, result: ToolResult): void }[] {
  return Array.from({ length: count }, () => ({
    tool_end(name: string, { content }: ToolResult) {
      heard += name.length + content.length;
    },
  }));
}

/** What the field calls the floor: a plain loop over functions, with try/catch and a look for a promise. */
function floor(count: number): (events: number) => void {
  const list = handlers(count).map(
    (handler) => (name: string, value: ToolResult, _info: object) => handler.tool_end(name, value),
  );
  const info = {};
  return (events) => {
    for (let event = 0; event < events; event++) emit();
  };

  function emit(): void {
    for (const handler of list) {
      try {
        const returned: unknown = handler("add", result, info);
        if (typeof returned === "object" && returned !== null && "then" in returned) heard++;
      } catch {
        heard--;
      }
    }
  }
}

function ours(callbacks: readonly object[]): (events: number) => void {
  const dispatcher = new Dispatcher();
  for (const callback of callbacks) dispatcher.add(registerCallback(callback));
  const scope = Scope.of(process, 0);
  return (events) => {
    for (let event = 0; event < events; event++) dispatcher.emit(EVENTS.tool_end, scope, 1, "add", result);
  };
}

function oursAsync(): () => Promise<void> {
  const dispatcher = new Dispatcher();
  dispatcher.add(
    registerCallback({
      async tool_end(name: string) {
        heard += name.length;
      },
    }),
  );
  const scope = Scope.of(process, 0);
  return async () => {
    dispatcher.emit(EVENTS.tool_end, scope, 1, "add", result);
    await null;
    await null;
  };
}

/** The first 1,000 events of a process, to three handlers. */
export const firstEvents = {
  floor: async () => {
    const emit = floor(3);
    return async () => emit(1000);
  },
  ours: async () => {
    const emit = ours(handlers(3));
    return async () => emit(1000);
  },
};

/** One event to so many handlers, in nanoseconds. */
export async function dispatchRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [0, 1, 3, 10]) {
    const floorNs = nanosecondsOf(floor(count));
    const oursNs = nanosecondsOf(ours(handlers(count)));
    rows.push({
      what: `one event, ${count} sync handlers`,
      floor: `${floorNs.toFixed(1)} ns`,
      ours: `${oursNs.toFixed(1)} ns`,
      ratio: oursNs / floorNs,
      more: `+${(oursNs - floorNs).toFixed(0)} ns`,
    });
  }
  const emptyNs = await settledNanosecondsOf(async () => {
    await null;
    await null;
  });
  const asyncNs = await settledNanosecondsOf(oursAsync());
  rows.push({
    what: "one event, 1 async handler",
    floor: `${emptyNs.toFixed(0)} ns`,
    ours: `${asyncNs.toFixed(0)} ns`,
    ratio: asyncNs / emptyNs,
    more: `+${(asyncNs - emptyNs).toFixed(0)} ns`,
  });
  if (heard === 0) throw new Error("nobody heard anything");
  return rows;
}
