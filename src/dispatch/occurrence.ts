import type { EventSpec } from "../events/callback-event.ts";
import type { Facts } from "../events/facts.ts";
import type { Scope } from "./scope.ts";

/** One event as one object: what happened, when, and what it belongs to. The loop makes it, or whoever reads a log. */
export class Occurrence {
  readonly spec: EventSpec;
  readonly scope: Scope;
  readonly facts: Facts;
  /** The event's arguments in order. */
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  #seq = 0;
  #atMs = Number.NaN;

  constructor(spec: EventSpec, scope: Scope, facts: Facts | undefined, a: unknown, b?: unknown, c?: unknown) {
    this.spec = spec;
    this.scope = scope;
    this.facts = facts ?? scope.facts;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  /** Its number among the events of its process, from 1; 0 before it is raised. */
  get seq(): number {
    return this.#seq;
  }

  /** When, on the monotonic clock. */
  get atMs(): number {
    return this.#atMs;
  }

  /** It is raised: as which event of its process, and when. */
  raised(seq: number, atMs: number): this {
    this.#seq = seq;
    this.#atMs = atMs;
    return this;
  }

  /** A piece of text with the one behind it: it is told as of that one's time. */
  joined({ spec, scope, seq, atMs, a }: Occurrence): Occurrence {
    return new Occurrence(spec, scope, undefined, `${String(this.a)}${String(a)}`).raised(seq, atMs);
  }
}
