import { Plan } from "./plan.ts";
import { hearersOf } from "./register.ts";
import type { Hearer, Registration } from "./registration.ts";

/** One registration, as long as it stands. Two of the same `on` are two of these. */
interface Entry {
  readonly registration: Registration;
}

/**
 * The callbacks of one process. It hears what it registered itself, and what it inherits and has not muted; where that
 * is the same, the outermost registration holds.
 */
export class Roster {
  #parent: Roster | undefined;
  /** In order of first registration. The last entry of each holds. Undefined until there is one. */
  #own: Map<Hearer, Entry[]> | undefined;
  #muted: Set<Hearer> | undefined;
  #inherited: Plan;
  /** Undefined where it is to be made anew. */
  #plan: Plan | undefined;
  #closed = false;

  constructor(parent: Roster | undefined) {
    this.#parent = parent;
    this.#inherited = parent === undefined ? Plan.empty : parent.plan.handedDown;
    this.#plan = this.#inherited;
  }

  /** Who hears this process now: what it inherits at this moment, and its own. */
  get plan(): Plan {
    const plan = this.#plan;
    if (plan === undefined) return this.#planAnew();
    return this.#parent === undefined || this.#parent.plan.handedDown === this.#inherited ? plan : this.#planAnew();
  }

  #planAnew(): Plan {
    this.#inherited = this.#parent === undefined ? Plan.empty : this.#parent.plan.handedDown;
    let plan = this.#muted === undefined ? this.#inherited : this.#inherited.without(this.#muted);
    for (const [hearer, entries] of this.#own ?? []) {
      const holds = entries.at(-1);
      if (holds !== undefined && !this.#inherits(hearer)) plan = plan.with(holds.registration);
    }
    this.#plan = plan;
    return plan;
  }

  /** Whether nothing has changed since `plan` was asked for. False where it would have to be made anew to tell. */
  isStill(plan: Plan): boolean {
    return this.#plan === plan && (this.#parent === undefined || this.#parent.#stillHandsDown(this.#inherited));
  }

  #stillHandsDown(plan: Plan): boolean {
    return (
      this.#plan?.handedDown === plan && (this.#parent === undefined || this.#parent.#stillHandsDown(this.#inherited))
    );
  }

  /** Whether it is heard at this moment, without a plan to be made. */
  hears(hearer: Hearer): boolean {
    return this.#own?.has(hearer) === true || this.#inherits(hearer);
  }

  #inherits(hearer: Hearer): boolean {
    return this.#parent !== undefined && this.#muted?.has(hearer) !== true && this.#parent.#handsDown(hearer);
  }

  #handsDown(hearer: Hearer): boolean {
    return this.#inherits(hearer) || this.#own?.get(hearer)?.at(-1)?.registration.inherit === true;
  }

  /** Registers a callback; a second registration of it replaces the first, in its place. */
  add(registration: Registration): void {
    this.#put(registration, [{ registration }]);
  }

  /** Registers a handler. What this returns undoes just this registration: what was before it is again. */
  listen(registration: Registration): () => void {
    const { hearer } = registration;
    const entry: Entry = { registration };
    this.#put(registration, [...(this.#own?.get(hearer) ?? []), entry]);
    return () => this.#undo(hearer, entry);
  }

  #put(registration: Registration, entries: Entry[]): void {
    if (this.#closed) return;
    const { hearer } = registration;
    this.#own ??= new Map();
    const before = this.#own.get(hearer);
    this.#own.set(hearer, entries);
    if (before === undefined) {
      // Not in the plan while it is inherited: the plan may hold again when it is not, and would lack it.
      if (this.#plan !== undefined) this.#plan = this.#inherits(hearer) ? undefined : this.#plan.with(registration);
    } else if (before.at(-1)?.registration !== registration) {
      this.#plan = undefined;
    }
  }

  #undo(hearer: Hearer, entry: Entry): void {
    const entries = this.#own?.get(hearer);
    if (entries?.includes(entry) !== true) return;
    if (entries.length === 1) this.#own?.delete(hearer);
    else
      this.#own?.set(
        hearer,
        entries.filter((one) => one !== entry),
      );
    this.#plan = undefined;
  }

  /** Takes every registration of a callback off, and mutes it for this process and below where it is inherited. */
  remove(callback: object): void {
    for (const hearer of hearersOf(callback)) {
      if (this.#own?.delete(hearer) === true) this.#plan = undefined;
      if (!this.#inherits(hearer)) continue;
      this.#muted ??= new Set();
      this.#muted.add(hearer);
      this.#plan = undefined;
    }
  }

  /** From now on nobody hears anything. */
  close(): void {
    this.#closed = true;
    this.#parent = undefined;
    this.#own = undefined;
    this.#muted = undefined;
    this.#inherited = Plan.empty;
    this.#plan = Plan.empty;
  }
}
