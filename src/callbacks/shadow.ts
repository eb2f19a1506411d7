import { describe, LLMProcError } from "../errors.ts";
import type { AddCallback, Callback, CallbackOptions } from "../events/callback.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import { callbackFactory, makesCallbacks } from "../events/callback-factory.ts";
import { isGeneratorFunction } from "../events/generator-function.ts";
import { isClass } from "../events/is-class.ts";
import type { ShadowReport } from "../events/shadow-report.ts";
import { checkFactoryOptions, checkKept } from "./factory-options.ts";

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
  const kept = new KeptReports(options);
  const callbackOptions = onTrial(guard, (report) => kept.take(report));
  const shadowed = typeof guard === "function" ? asFunction(guard as Plain) : asObject(guard);
  return Object.defineProperties(shadowed, {
    callbackOptions: { value: callbackOptions },
    reports: { get: () => kept.reports },
    dropped: { get: () => kept.dropped },
  }) as Callback & Shadow;
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

/** What the guard carries, and that it is on trial. */
function onTrial(guard: Callback, trial: NonNullable<CallbackOptions["trial"]>): CallbackOptions {
  const carried = guard.callbackOptions ?? {};
  const name = carried.name ?? nameOf(guard);
  if (carried.timeoutMs === Number.POSITIVE_INFINITY) {
    throw invalid(
      `shadow(): ${name} has no time limit, so it waits for a person, whose answer would change nothing. ` +
        "Leave it out, or give it a timeoutMs.",
    );
  }
  for (const handler of [guard, ...EVENT_NAMES.map((event): unknown => Reflect.get(guard, event))]) {
    if (!isGeneratorFunction(handler)) continue;
    throw invalid(`shadow(): ${name} has a generator function for a handler, which would hear nothing.`);
  }
  // What is on trial already reports to whoever put it there.
  if (carried.trial !== undefined && carried.trial !== false) return { ...carried, name: `shadow of ${name}` };
  return { ...carried, name, trial };
}

/** Any handler: whoever calls it passes on what it was called with. */
type Plain = (...args: unknown[]) => unknown;

/** Another callback than the guard itself, which may be registered as well. */
function asFunction(guard: Plain): object {
  return (...args: unknown[]) => guard(...args);
}

/** On top of the guard, so that what is wrong with the names of its methods is still seen when it is registered. */
function asObject(guard: object): object {
  const shadowed: object = Object.create(guard);
  for (const event of EVENT_NAMES) {
    const method: unknown = Reflect.get(guard, event);
    if (typeof method !== "function") continue;
    const value: Plain = (...args) => Reflect.apply(method, guard, args);
    Object.defineProperty(shadowed, event, { value });
  }
  return shadowed;
}

class KeptReports implements Shadow {
  readonly #onReport: ShadowOptions["onReport"];
  readonly #limit: number;
  readonly #reports: ShadowReport[] = [];
  #count = 0;

  constructor({ onReport, limit = 1000 }: ShadowOptions) {
    this.#onReport = onReport;
    this.#limit = limit;
  }

  get reports(): readonly ShadowReport[] {
    return [...this.#reports];
  }

  get dropped(): number {
    return this.#count - this.#reports.length;
  }

  /** As a fault the other callbacks hear it. */
  take(report: ShadowReport): unknown {
    this.#count += 1;
    this.#reports.push(report);
    if (this.#reports.length > this.#limit) this.#reports.shift();
    if (this.#onReport === undefined) throw report;
    return this.#onReport(report);
  }
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
