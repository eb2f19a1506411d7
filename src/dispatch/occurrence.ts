import type { EventSpec } from "../events/callback-event.ts";
import type { Facts } from "../events/facts.ts";
import type { Scope } from "./scope.ts";

/** One event as one object: what happened, when, and what it belongs to. The loop makes it, or whoever reads a log. */
export class Occurrence {
  readonly spec: EventSpec;
  readonly scope: Scope;
  /** Its number among the events of its process, from 1. */
  readonly seq: number;
  /** When, on the monotonic clock. */
  readonly atMs: number;
  /** The event's arguments in order. */
  readonly a: unknown;
  readonly b: unknown;
  readonly c: unknown;
  readonly facts: Facts;

  constructor(
    spec: EventSpec,
    scope: Scope,
    seq: number,
    atMs: number,
    a: unknown,
    b?: unknown,
    c?: unknown,
    facts: Facts = scope.facts,
  ) {
    this.spec = spec;
    this.scope = scope;
    this.seq = seq;
    this.atMs = atMs;
    this.a = a;
    this.b = b;
    this.c = c;
    this.facts = facts;
  }

  /** A piece of text with the one behind it: it is told as of that one's time. */
  joined({ spec, scope, seq, atMs, a }: Occurrence): Occurrence {
    return new Occurrence(spec, scope, seq, atMs, `${String(this.a)}${String(a)}`);
  }
}
