import type { EventSpec } from "../events/callback-event.ts";
import { EVENT_NAMES } from "../events/callback-event.ts";
import type { Hearer, Listener, Registration } from "./registration.ts";

/** Those who hear an event, in order; undefined if nobody does, null if nobody has asked yet. */
type Listeners = readonly Listener[] | undefined | null;

const NOT_ASKED: readonly Listeners[] = EVENT_NAMES.map(() => null);

/**
 * Who hears what, in order. Immutable: its identity is its version, so a process sees that nothing has changed by
 * comparing one reference, and processes with the same callbacks share one plan.
 *
 * It is the plan before it and one registration more, so that adding one costs the same however many there are. The
 * listeners of an event are listed when they are first asked for.
 */
export class Plan {
  static readonly empty = new Plan(undefined, undefined);

  readonly #before: Plan | undefined;
  readonly #last: Registration | undefined;
  #listeners: readonly Listeners[];
  /** Weak, so that a plan goes with the last process that has it, or has one that goes on from it. */
  #extensions: WeakMap<Registration, WeakRef<Plan>> | undefined;
  #handedDown: Plan | undefined;

  private constructor(before: Plan | undefined, last: Registration | undefined) {
    this.#before = before;
    this.#last = last;
    this.#listeners = before === undefined ? EVENT_NAMES.map(() => undefined) : NOT_ASKED;
    if (before === undefined) this.#handedDown = this;
  }

  listeners(spec: EventSpec): readonly Listener[] | undefined {
    const known = this.#listeners[spec.index];
    return known === null ? this.#list(spec.index) : known;
  }

  /** What the children of a process with this plan hear by inheritance. */
  get handedDown(): Plan {
    if (this.#handedDown === undefined) {
      for (const plan of this.#since((one) => one.#handedDown !== undefined)) plan.#handDown();
    }
    return this.#handedDown ?? this;
  }

  #handDown(): void {
    const down = this.#before?.handedDown ?? this;
    if (this.#last?.inherit !== true) this.#handedDown = down;
    else this.#handedDown = down === this.#before ? this : down.with(this.#last);
  }

  /** With one more, which it does not have yet. */
  with(registration: Registration): Plan {
    const known = this.#extensions?.get(registration)?.deref();
    if (known !== undefined) return known;
    const plan = new Plan(this, registration);
    this.#extensions ??= new WeakMap();
    this.#extensions.set(registration, new WeakRef(plan));
    return plan;
  }

  without(hearers: ReadonlySet<Hearer>): Plan {
    let plan = Plan.empty;
    for (const one of this.#since((each) => each === Plan.empty)) {
      if (one.#last !== undefined && !hearers.has(one.#last.hearer)) plan = plan.with(one.#last);
    }
    return plan;
  }

  /** The plans after the last one for which `reached` holds, up to this. */
  #since(reached: (plan: Plan) => boolean): Plan[] {
    const plans: Plan[] = [];
    for (let plan: Plan | undefined = this; plan !== undefined && !reached(plan); plan = plan.#before) plans.push(plan);
    return plans.reverse();
  }

  /**
   * Goes on from what the nearest plan before it has listed. A list that grows is taken from those that had it: they
   * are asked no more, or list it again. So a thousand plans that came one from the other do not keep a list each.
   */
  #list(index: number): readonly Listener[] | undefined {
    const added: Listener[] = [];
    let plan: Plan | undefined = this;
    for (; plan !== undefined && plan.#listeners[index] === null; plan = plan.#before) {
      const listener = plan.#last?.listeners[index];
      if (listener !== undefined) added.push(listener);
    }
    const before = plan === undefined ? undefined : (plan.#listeners[index] ?? undefined);
    const listeners = added.length === 0 ? before : [...(before ?? []), ...added.reverse()];
    if (before !== undefined && listeners !== before) {
      for (; plan !== undefined && plan.#listeners[index] === before; plan = plan.#before) plan.#note(index, null);
    }
    this.#note(index, listeners);
    return listeners;
  }

  #note(index: number, listeners: Listeners): void {
    this.#listeners = this.#listeners.with(index, listeners);
  }
}
