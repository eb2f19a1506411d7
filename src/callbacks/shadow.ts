import { describe, LLMProcError } from "../errors.ts";
import type { AddCallback, Callback, CallbackOptions } from "../events/callback.ts";
import type { EventName } from "../events/callback-event.ts";
import { EVENT_NAMES, EVENTS } from "../events/callback-event.ts";
import { callbackFactory, makesCallbacks } from "../events/callback-factory.ts";
import { CallbackTimeoutError } from "../events/callback-timeout-error.ts";
import type { EventInfo } from "../events/event-info.ts";
import { isGeneratorFunction } from "../events/generator-function.ts";
import { isClass } from "../events/is-class.ts";
import { ToolVerdict, Veto } from "../events/verdict.ts";
import { checkFactoryOptions, checkKept } from "./factory-options.ts";
import { deniedBy, ShadowReport, verdictOf } from "./shadow-report.ts";
import { infoWithSignal, ShadowTime } from "./shadow-time.ts";

export interface ShadowOptions {
  /**
   * Called with each report, in place of raising it as a `callback_error`. What it throws, or rejects with, is a fault
   * of this callback.
   */
  readonly onReport?: (report: ShadowReport) => unknown;
  /** How many reports are kept; the oldest go first. `Infinity` keeps all. @default 1000 */
  readonly limit?: number;
}

/** What a callback in shadow mode would have done. */
export interface Shadow {
  /** Oldest first. A copy: it does not change. */
  readonly reports: readonly ShadowReport[];
  /** How many reports were let go to stay within `limit`. */
  readonly dropped: number;
}

/**
 * A guard that only tries: it hears what the guard would hear and says what it would have denied, answered or
 * replaced, and changes nothing. No process waits for it. The other callbacks hear each report as a `callback_error`,
 * so the console shows it; `reports` keeps them. Its own side effects it still has: give it a state of its own.
 *
 * @throws LLMProcError `callback_invalid` for what is no callback, for options that cannot work, and for a guard that waits for a person
 *   (`timeoutMs: Infinity`): that would be asked for nothing
 * @example
 * const trial = shadow(costLimit(0.1));
 * const proc = await program.start().addCallback(trial);
 * await proc.run("Write a book.");
 * console.log(trial.reports.map((report) => report.message));
 */
export const shadow: AddCallback<Callback & Shadow, ShadowOptions> = (guard: unknown, options = {}) => {
  if (!isCallback(guard)) {
    throw invalid(`shadow() takes a function or an object with methods named after events, not ${describe(guard)}.`);
  }
  if (isClass(guard)) throw invalid(`shadow(): ${nameOf(guard)} is a class: give an instance, new ${guard.name}().`);
  if (makesCallbacks(guard)) {
    throw invalid(
      `shadow(): ${nameOf(guard)} is no callback, it makes one: call it, as in shadow(${nameOf(guard)}()).`,
    );
  }
  checkOptions(options);
  const trial = new Trial(guard, options);
  // On top of the guard, so that what is wrong with the names of its methods is still seen when it is registered.
  const shadowed = typeof guard === "function" ? trial.asFunction(guard as Plain) : trial.asObject(guard);
  Object.defineProperties(shadowed, {
    callbackOptions: { value: trial.callbackOptions },
    reports: { get: () => trial.reports },
    dropped: { get: () => trial.dropped },
  });
  return shadowed as Callback & Shadow;
};

callbackFactory(shadow);

const OPTIONS: readonly string[] = ["onReport", "limit"] satisfies (keyof ShadowOptions)[];

function checkOptions(options: ShadowOptions): void {
  checkFactoryOptions(options, OPTIONS, "shadow()");
  const { onReport, limit } = options;
  if (onReport !== undefined && typeof onReport !== "function") {
    throw invalid(`onReport of shadow() must be a function, not ${describe(onReport)}.`);
  }
  checkKept(limit, "reports", "shadow()");
}

/** Any handler: whoever calls it passes on what it was called with. */
type Plain = (...args: unknown[]) => unknown;

/** One guard on trial, and what came of it. */
class Trial {
  readonly callbackOptions: CallbackOptions;
  readonly #guard: string;
  readonly #onlyWatches: boolean;
  readonly #onReport: ShadowOptions["onReport"];
  readonly #limit: number;
  readonly #time: ShadowTime;
  #reports: readonly ShadowReport[] = [];
  #count = 0;

  constructor(guard: Callback, { onReport, limit = 1000 }: ShadowOptions) {
    const carried = guard.callbackOptions ?? {};
    this.#guard = carried.name ?? nameOf(guard);
    if (carried.timeoutMs === Number.POSITIVE_INFINITY) {
      throw invalid(
        `shadow(): ${this.#guard} has no time limit, so it waits for a person, whose answer would change nothing. ` +
          "Leave it out, or give it a timeoutMs.",
      );
    }
    this.#onlyWatches = carried.observe === true;
    this.#onReport = onReport;
    this.#limit = limit;
    this.#time = new ShadowTime(this.#guard, carried);
    const timeoutMs = this.#onlyWatches ? carried.timeoutMs : this.#time.shadowTimeoutMs;
    this.callbackOptions = {
      ...carried,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      observe: true,
      name: `shadow of ${this.#guard}`,
    };
  }

  get reports(): readonly ShadowReport[] {
    return [...this.#reports];
  }

  get dropped(): number {
    return this.#count - this.#reports.length;
  }

  asFunction(guard: Plain): Plain {
    this.#refuseGenerator(guard);
    return (event, ...args) => this.#evaluate(event as EventName, args, (heard) => guard(event, ...heard));
  }

  asObject(guard: object): object {
    const shadowed: object = Object.create(guard);
    for (const event of EVENT_NAMES) {
      const method: unknown = Reflect.get(guard, event);
      if (typeof method !== "function") continue;
      this.#refuseGenerator(method);
      const value: Plain = (...args) =>
        this.#evaluate(event, args, (heard) => Reflect.apply(method, guard, heard) as unknown);
      Object.defineProperty(shadowed, event, { value });
    }
    return shadowed;
  }

  #refuseGenerator(handler: unknown): void {
    if (isGeneratorFunction(handler)) {
      throw invalid(`shadow(): ${this.#guard} has a generator function for a handler, which would hear nothing.`);
    }
  }

  /** Calls a handler, and takes away what it would have decided. A fault, which decides nothing, stays one. */
  #evaluate(event: EventName, args: readonly unknown[], call: (args: readonly unknown[]) => unknown): unknown {
    if (this.#onlyWatches) return call(args);
    const info = args.at(-1) as EventInfo;
    const isAsked = EVENTS[event].before;
    const heard: Heard = { isAsked, toolName: event === "tool_start" ? String(args[0]) : undefined, info };
    if (this.#time.isStalled(info)) return this.#missed(heard);
    const controller = new AbortController();
    let returned: unknown;
    let later: PromiseLike<unknown> | undefined;
    try {
      returned = call([...args.slice(0, -1), infoWithSignal(info, controller.signal)]);
      // What a handler returns may be hostile: even looking at it may throw.
      if (isThenable(returned)) later = returned;
    } catch (thrown) {
      return this.#threw(heard, thrown);
    }
    return later === undefined
      ? this.#returned(heard, returned)
      : this.#time.limit(later, info, controller).then(
          (value) => this.#returned(heard, value),
          (thrown: unknown) => this.#threw(heard, thrown),
        );
  }

  /** The guard still works on an event that it was too late for: it refuses at once. */
  #missed(heard: Heard): unknown {
    const { isAsked, info } = heard;
    return isAsked && info.invalid === undefined ? this.#threw(heard, this.#time.errorAt(info)) : undefined;
  }

  #returned({ info, toolName }: Heard, value: unknown): unknown {
    if (toolName === undefined || !(value instanceof ToolVerdict)) return value;
    const verdict = verdictOf(value);
    if (verdict === undefined || info.invalid !== undefined) return undefined;
    return this.#report(new ShadowReport(this.#guard, info, verdict, toolName));
  }

  #threw({ isAsked, info, toolName }: Heard, thrown: unknown): unknown {
    if (!isAsked) throw thrown;
    // A call that cannot run is not denied: a reason against it means nothing, a bug is a fault.
    if (info.invalid !== undefined && !(thrown instanceof Veto)) throw thrown;
    if (info.invalid !== undefined) return undefined;
    // Nobody waits for the guards of a run that is aborted.
    if (thrown instanceof CallbackTimeoutError && info.signal.aborted && info.deniedBy === undefined) return undefined;
    return this.#report(new ShadowReport(this.#guard, info, deniedBy(thrown), toolName, thrown));
  }

  #report(report: ShadowReport): unknown {
    this.#count += 1;
    this.#reports = [...this.#reports, report].slice(-this.#limit);
    if (this.#onReport === undefined) throw report;
    return this.#onReport(report);
  }
}

/** The event that a guard hears. */
interface Heard {
  /** It comes before something, which the guard could deny. */
  readonly isAsked: boolean;
  /** Only in `tool_start`. */
  readonly toolName: string | undefined;
  readonly info: EventInfo;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof Reflect.get(value, "then") === "function";
}

/** Whether it hears any event is looked at when it is registered. */
function isCallback(value: unknown): value is Callback {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function nameOf(guard: object): string {
  const name: unknown = typeof guard === "function" ? guard.name : guard.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "callback";
}

function invalid(message: string): LLMProcError {
  return new LLMProcError("callback_invalid", message);
}
