import type { ToolResult } from "../events/tool-result.ts";
import type { ToolCall } from "./model.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { CheckedCall } from "./tool-call.ts";
import { checkCall, runCall } from "./tool-call.ts";

type Checking = CheckedCall | Promise<CheckedCall | undefined>;

/**
 * Runs the calls of a turn at the same time, as far as its limits allow. They begin in the order asked: one whose
 * arguments take time to be checked holds up those behind it. Never rejects; the results stand in the order asked,
 * undefined for calls that an abort kept from starting.
 */
export function runToolCalls(turn: OpenTurn): Promise<readonly (ToolResult | undefined)[]> {
  const [only] = turn.calls;
  return only !== undefined && turn.calls.length === 1 ? runOnly(turn, only) : runAll(turn);
}

async function runOnly(turn: OpenTurn, call: ToolCall): Promise<readonly (ToolResult | undefined)[]> {
  const { run } = turn;
  const checked = checkCall(turn, call);
  const ready = checked instanceof Promise ? await checked : checked;
  const room = run.room();
  if (room !== undefined) await run.interruptible(room).catch(() => {});
  return ready === undefined || run.aborted ? [] : [await runCall(turn, ready)];
}

async function runAll(turn: OpenTurn): Promise<readonly (ToolResult | undefined)[]> {
  const { calls, process, run } = turn;
  const atOnce = process.program.parallelToolCalls ? process.parallelCalls : 1;
  const places = calls.length > atOnce ? new Places(atOnce) : undefined;
  const checking: Checking[] = [];
  const running: Promise<ToolResult | undefined>[] = [];
  for (const [place] of calls.entries()) {
    for (const call of calls.slice(checking.length, place + atOnce)) checking.push(checkCall(turn, call));
    const checked = checking[place];
    const ready = checked instanceof Promise ? await checked : checked;
    if (places?.free === 0) await places.someFree();
    const room = run.room();
    if (room !== undefined) await run.interruptible(room).catch(() => {});
    // Whoever was aborted begins nothing more.
    if (ready === undefined || run.aborted) break;
    const result = runCall(turn, ready);
    running.push(places === undefined ? result : places.take(result));
  }
  return Promise.all(running);
}

/** How many more calls may run at the same time. */
class Places {
  free: number;
  #wake: (() => void) | undefined;

  constructor(count: number) {
    this.free = count;
  }

  someFree(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async take<T>(running: Promise<T>): Promise<T> {
    this.free--;
    try {
      return await running;
    } finally {
      this.free++;
      this.#wake?.();
    }
  }
}
