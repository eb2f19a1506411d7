import type { Callback, CallbackOptions, EventInfo, EventName, LLMProcess, RecordHandler, ToolProcess } from "llmproc";
import { LLMProcError, Veto } from "llmproc";
import type { Cell } from "./cell.ts";
import { EVENTS } from "./cell.ts";

/** The time limit of handlers that never settle; all others have plenty. */
export const SHORT_MS = 40;
const AMPLE_MS = 60_000;
const SLOW_MS = 30;

export interface Heard {
  readonly processId: string;
  readonly seq: number;
  readonly event: EventName;
}

/** The callback of a cell: hears what its form hears, and misbehaves once, at the first event of the cell. */
export class Subject {
  readonly heard: Heard[] = [];
  /** What the callback that it adds hears. */
  readonly lateHeard: Heard[] = [];
  /** What it throws. */
  readonly problem: unknown;
  /** The event at which it misbehaved. */
  at: Heard | undefined;
  /** What came of `run()` or `forkProcess()`: an error code, or that it works. */
  answered: string | undefined;
  /** What it started and does not wait for. */
  readonly started: Promise<unknown>[] = [];
  /** A tool's side of the process, to raise an event with. */
  leaked: ToolProcess | undefined;
  readonly #cell: Cell;
  readonly #depth: number;
  #callback: unknown;

  constructor(cell: Cell) {
    this.#cell = cell;
    this.#depth = cell.situation === "fork" ? 1 : 0;
    if (cell.behaviour === "veto") this.problem = new Veto("not now");
    else if (cell.behaviour !== "reject_undefined") this.problem = new Error("a bug in a handler");
  }

  register(proc: LLMProcess): void {
    const { event, form, role, behaviour, name } = this.#cell;
    const short = behaviour === "never" || behaviour === "close_awaited";
    const timeoutMs = behaviour === "slow_infinite" ? Number.POSITIVE_INFINITY : short ? SHORT_MS : AMPLE_MS;
    const options: CallbackOptions = { name, timeoutMs, observe: role === "observer" };
    const last = (given: readonly unknown[]) => given.at(-1) as EventInfo;
    if (form === "on(event)") {
      const handler = (...given: unknown[]) => this.#hear(last(given));
      this.#callback = handler;
      proc.on(event, handler, options);
    } else if (form === 'on("*")') {
      const handler: RecordHandler = (_record, info) => this.#hear(info);
      this.#callback = handler;
      proc.on("*", handler, options);
    } else if (form === "function") {
      const callback = (...given: unknown[]) => this.#hear(last(given));
      this.#callback = callback;
      proc.addCallback(callback, options);
    } else {
      const methods = EVENTS.map((one) => [one, (...given: unknown[]) => this.#hear(last(given))] as const);
      const callback: Callback = Object.fromEntries(methods);
      this.#callback = callback;
      proc.addCallback(callback, options);
    }
  }

  #hear(info: EventInfo): unknown {
    const heard = { processId: info.process.id, seq: info.seq, event: info.event };
    this.heard.push(heard);
    if (this.at !== undefined || info.event !== this.#cell.event || info.process.depth !== this.#depth) return;
    this.at = heard;
    return this.#misbehave(info);
  }

  #misbehave({ process }: EventInfo): unknown {
    switch (this.#cell.behaviour) {
      case "throw_sync":
      case "veto":
        throw this.problem;
      case "throw_async":
        return Promise.resolve().then(() => {
          throw this.problem;
        });
      case "reject_undefined":
        return Promise.reject(this.problem);
      case "never":
        return new Promise(() => {});
      case "slow":
      case "slow_infinite":
        return new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      case "run":
        // What callbacks are given is the process itself: its run() can be called, whatever the type shows.
        return this.#answer((process as LLMProcess).run("once more"));
      case "fork":
        return this.#answer(process.forkProcess());
      case "stop":
        return process.stop("enough");
      case "close":
        this.started.push(process.close());
        return;
      case "close_awaited":
        return process.close();
      case "add":
        process.addCallback((...given: unknown[]) => {
          const { process: speaker, seq, event } = given.at(-1) as EventInfo;
          this.lateHeard.push({ processId: speaker.id, seq, event });
        });
        return;
      case "remove":
        return process.removeCallback(this.#callback as Callback);
      case "nested":
        if (this.leaked !== undefined) this.leaked.writeStderr("nested");
        // Before its first run a process has no tool to write with: a child's events are nested then.
        else this.started.push(Promise.resolve(process.forkProcess()));
    }
  }

  async #answer(call: PromiseLike<unknown>): Promise<void> {
    try {
      await call;
      this.answered = "works";
    } catch (error) {
      this.answered = error instanceof LLMProcError ? error.code : String(error);
    }
  }
}
