import type { ToolResult } from "../events/tool-result.ts";
import type { OpenTurn } from "./open-turn.ts";
import type { CheckedCall } from "./tool-call.ts";
import { checkCall, runCall } from "./tool-call.ts";

type Checking = CheckedCall | Promise<CheckedCall | undefined>;

/**
 * Runs the calls of a turn at the same time, as far as its limits allow. They begin in the order asked: one whose
 * arguments take time to be checked holds up those behind it. Never rejects; the results stand in the order asked,
 * undefined for calls that an abort kept from starting.
 */
export async function runToolCalls(turn: OpenTurn): Promise<readonly (ToolResult | undefined)[]> {
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
