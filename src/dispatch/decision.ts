import { describe } from "../errors.ts";
import type { Verdict } from "../events/verdict.ts";
import { Veto } from "../events/verdict.ts";

/** A guard's refusal. */
export interface Denial {
  readonly kind: "deny";
  /** The name of the callback. */
  readonly by: string;
  /** What it threw, as it threw it. */
  readonly thrown: unknown;
  /** Its reason, where it threw a `Veto`. */
  readonly veto: string | undefined;
  /** What the other guards' signals abort with. */
  readonly reason: Error;
}

/** A guard that changes what happens. */
export interface GivenVerdict extends OneVerdict {
  readonly kind: "verdict";
  /** Those of all guards that gave one, in order of registration; the first is `verdict`. */
  readonly all: readonly OneVerdict[];
}

export interface OneVerdict {
  /** The name of the callback. */
  readonly by: string;
  readonly verdict: Verdict;
}

/** What the guards of an event came to; undefined if nobody objects. */
export type Ruling = Denial | GivenVerdict | undefined;

/** What a guard that runs on was given: it is to hear of a denial. */
interface Informed {
  join(decision: Decision): void;
  giveUp(reason: Error): void;
}

/**
 * The answers of the guards of one before-event, once one of them did anything but return at once.
 * The first refusal decides; else all are waited for, and the answer of the first registered counts.
 */
export class Decision {
  denial: Denial | undefined;
  #answers: readonly (OneVerdict & { readonly place: number })[] = NO_ANSWERS;
  #waiting = new Set<number>();
  #infos = new Set<Informed>();
  #settle: ((outcome: Ruling) => void) | undefined;

  /** `settle` is told the outcome, once, where nobody asks for the result. */
  constructor(settle?: (outcome: Ruling) => void) {
    this.#settle = settle;
  }

  get decided(): boolean {
    return this.denial !== undefined;
  }

  /** A guard answers later; `place` is its place in the order of registration. */
  wait(place: number): void {
    this.#waiting.add(place);
  }

  /** A handler that runs on: its signal aborts when the event is denied. */
  watch(info: Informed): void {
    info.join(this);
    if (this.denial !== undefined) info.giveUp(this.denial.reason);
    else this.#infos.add(info);
  }

  unwatch(info: Informed): void {
    this.#infos.delete(info);
  }

  /** The guard at `place` has nothing against it, or has been heard otherwise. */
  done(place: number): void {
    this.#waiting.delete(place);
    if (this.#waiting.size === 0) this.#settled();
  }

  answer(place: number, by: string, verdict: Verdict): void {
    this.#answers = [...this.#answers, { place, by, verdict }].toSorted((a, b) => a.place - b.place);
  }

  /** Returns false where the event had been denied before. */
  deny(by: string, thrown: unknown): boolean {
    if (this.denial !== undefined) return false;
    const veto = thrown instanceof Veto ? reasonOf(thrown) : undefined;
    const reason = new Veto(`denied by callback ${by}`);
    this.denial = { kind: "deny", by, thrown, veto, reason };
    for (const info of this.#infos) info.giveUp(reason);
    this.#infos.clear();
    this.#settled();
    return true;
  }

  /** What to tell the process: at once if all have answered, else when they have. */
  result(): Ruling | Promise<Ruling> {
    if (this.denial !== undefined || this.#waiting.size === 0) return this.#outcome();
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  #settled(): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(this.#outcome());
  }

  #outcome(): Ruling {
    const [first] = this.#answers;
    return this.denial ?? (first && { kind: "verdict", by: first.by, verdict: first.verdict, all: this.#answers });
  }
}

const NO_ANSWERS: readonly [] = Object.freeze([]);

/** A veto may be of a class that makes something else of its reason. */
function reasonOf(veto: Veto): string {
  try {
    const reason: unknown = veto.reason;
    return typeof reason === "string" ? reason : describe(reason);
  } catch {
    return "The reason of the Veto cannot be read.";
  }
}
