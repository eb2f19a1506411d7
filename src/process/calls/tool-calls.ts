import type { ToolReply } from "../../events/message.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import type { ToolCall } from "../contract/model.ts";
import type { OpenTurn } from "../state/open-turn.ts";
import type { CheckedCall } from "./tool-call.ts";
import { checkCall, runCall } from "./tool-call.ts";

type Checking = CheckedCall | Promise<CheckedCall | undefined>;

/**
 * Runs a call that stands alone, as most do; at once, where nothing takes time. Never rejects; undefined if the run was
 * aborted before it started.
 */
export function runToolCall(turn: OpenTurn, call: ToolCall): ToolResult | undefined | Promise<ToolResult | undefined> {
  const checked = checkCall(turn, call);
  const room = turn.run.room();
  if (checked instanceof Promise || room !== undefined) return runLater(turn, checked, room);
  return turn.run.aborted ? undefined : runCall(turn, checked);
}

async function runLater(
  turn: OpenTurn,
  checking: Checking,
  room: Promise<void> | undefined,
): Promise<ToolResult | undefined> {
  const ready = await checking;
  if (room !== undefined) await turn.run.interruptible(room).catch(() => {});
  return ready === undefined || turn.run.aborted ? undefined : runCall(turn, ready);
}

/**
 * Runs the calls of a turn at the same time, as far as its limits allow. They begin in the order asked: one whose
 * arguments take time to be checked holds up those behind it. Never rejects; the results stand in the order asked,
 * undefined for calls that an abort kept from starting.
 */
export async function runToolCalls(
  turn: OpenTurn,
  calls: readonly ToolCall[] = turn.calls,
): Promise<readonly (ToolResult | undefined)[]> {
  const { process, run } = turn;
  const atOnce = process.program.parallelToolCalls ? process.parallelCalls : 1;
  const places = calls.length > atOnce ? new Places(atOnce) : undefined;
  const checking: Checking[] = [];
  const running: Promise<ToolResult>[] = [];
  for (const [place] of calls.entries()) {
    for (const call of calls.slice(checking.length, place + atOnce)) checking.push(checkCall(turn, call));
    const checked = checking[place];
    const ready = checked instanceof Promise ? await checked : checked;
    if (places?.free === 0) await places.someFree();
    const room = run.room();
    if (room !== undefined) await run.interruptible(room).catch(() => {});
    // Whoever was aborted begins nothing more.
    if (ready === undefined || run.aborted) break;
    const result = Promise.resolve(runCall(turn, ready));
    running.push(places === undefined ? result : places.take(result));
  }
  return Promise.all(running);
}

/** The same for a turn of which some calls are over already: only the others run. */
export async function runOtherCalls(
  turn: OpenTurn,
  over: readonly ToolReply[],
): Promise<readonly (ToolResult | undefined)[]> {
  const known = new Map<string, ToolResult | undefined>(over.map((reply) => [reply.callId, resultOf(reply)]));
  const others = turn.calls.filter(({ id }) => !known.has(id));
  const results = await runToolCalls(turn, others);
  for (const [place, { id }] of others.entries()) known.set(id, results[place]);
  return turn.calls.map(({ id }) => known.get(id));
}

function resultOf({ content, isError }: ToolReply): ToolResult {
  return Object.freeze({ content, isError });
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
