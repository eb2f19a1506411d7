import type { Callback, EventInfo, EventName, ProcessView } from "llmproc";
import { answer, replaceArgs, replaceResult, Veto } from "llmproc";
import type { Chance } from "./chance.ts";
import { ticks } from "./ticks.ts";

/** What a handler does wrong, or at least unexpectedly. */
export type Deed = (moment: Moment) => unknown;

interface Moment {
  readonly event: EventName;
  readonly args: readonly unknown[];
  readonly info: EventInfo;
  readonly draw: Chance;
  readonly subject: { readonly callback: Callback; gone: boolean };
  /** Aborts the run of the root. */
  readonly abort: () => void;
}

export const DEEDS: readonly [Deed, ...Deed[]] = [
  () => {
    throw new Error("a bug");
  },
  () => {
    throw undefined;
  },
  () => {
    throw new Veto("not now");
  },
  async ({ draw }) => {
    await ticks(draw.below(3));
    throw new Error("a bug, later");
  },
  async ({ draw }) => ticks(draw.below(6)),
  async ({ draw }) => ticks(draw.below(3)),
  ({ args }) => {
    for (const arg of args) vandalize(arg);
  },
  ({ info }) => runAgain(info.process),
  ({ info, draw }) => {
    const forking = Promise.resolve(info.process.forkProcess());
    forking.then((child) => (draw.happens(0.5) ? runAgain(child) : child.close())).catch(() => undefined);
  },
  ({ info }) => {
    info.process.addCallback(() => undefined, { observe: true, name: "late" });
  },
  ({ event, draw }) => {
    if (event === "tool_result") return replaceResult(draw.happens(0.5) ? "hidden" : { hidden: draw.below(10) });
    if (event !== "tool_start") return { content: "no answer" };
    return draw.happens(0.5) ? answer("in its place") : replaceArgs({ what: draw.below(10) });
  },
  ({ info, draw }) => void info.process.say(`hurry ${draw.below(10)}`).catch(() => undefined),
  ({ info }) => info.signal.aborted,
];

/** These end a run, or a callback's part in it. */
export const LASTING: readonly Deed[] = [
  ({ info }) => info.process.stop("by a callback"),
  ({ abort }) => abort(),
  ({ abort }) => setImmediate(abort),
  ({ info }) => void info.process.close(),
  ({ info, subject }) => {
    subject.gone = true;
    info.process.removeCallback(subject.callback);
  },
];

export const HANGING: readonly Deed[] = [
  () => new Promise(() => {}),
  // Settles long after its time.
  () => new Promise((resolve) => setTimeout(resolve, 25)),
];

function runAgain(process: ProcessView & { run?(prompt: string): Promise<unknown> }): void {
  process.run?.("again").catch(() => undefined);
}

/** Changes whatever lets itself be changed: nothing of ours does. */
function vandalize(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    try {
      Reflect.set(value, key, "vandalized");
      Reflect.deleteProperty(value, key);
    } catch {
      // It says no.
    }
  }
}
