import type { Callback, CallbackOptions, EventInfo, EventName, LLMProcess, ObjectCallback } from "llmproc";
import { CallbackEvent } from "llmproc";
import type { Chance } from "./chance.ts";
import type { Deed } from "./deeds.ts";
import { DEEDS, HANGING, LASTING } from "./deeds.ts";

const EVENTS: readonly EventName[] = Object.values(CallbackEvent);
/** Joined or told to others only, so that they cannot be counted one by one. */
const COUNTLESS: ReadonlySet<EventName> = new Set(["response_delta", "callback_error"]);

/** A callback that misbehaves now and then, and keeps account of what it hears. */
export class Subject {
  readonly name: string;
  /** It has taken itself off some process, or may never have heard: it owes no account. */
  gone = false;
  readonly events: ReadonlySet<EventName>;
  /** The sequence numbers of what it heard, for each process. */
  readonly heard = new Map<string, number[]>();
  readonly texts = new Map<string, string>();
  readonly callback: Callback;
  readonly options: CallbackOptions;
  readonly #chance: Chance;
  readonly #deeds: readonly [Deed, ...Deed[]];
  readonly #rate: number;
  readonly #abort: () => void;

  constructor(name: string, chance: Chance, abort: () => void) {
    this.name = name;
    this.#chance = chance;
    this.#abort = abort;
    this.#rate = chance.pick([0, 0.02, 0.05, 0.3]);
    const hangs = chance.happens(0.4);
    // One that may hang hears only what can be counted, so that nothing goes past it uncounted.
    this.events = hangs
      ? new Set(EVENTS.filter((event) => !COUNTLESS.has(event) && chance.happens(0.6)))
      : new Set(EVENTS);
    this.#deeds = hangs ? [...DEEDS, ...HANGING] : [...DEEDS, ...(chance.happens(0.1) ? LASTING : [])];
    const mode = chance.pick([{}, {}, { observe: true }, { background: true }]);
    this.options = { name, ...mode, timeoutMs: hangs ? 10 : 30_000 };
    this.callback = hangs ? this.#asObject() : this.#asFunction();
  }

  get counts(): boolean {
    return !this.gone && this.events.size > 0;
  }

  register(process: LLMProcess): void {
    if (this.events.size > 0) process.addCallback(this.callback, this.options);
  }

  #asFunction(): Callback {
    return (event: EventName, ...rest: unknown[]) => this.#hear(event, rest);
  }

  #asObject(): Callback {
    const handlers = [...this.events].map((event) => [event, (...args: unknown[]) => this.#hear(event, args)]);
    return Object.fromEntries(handlers) as ObjectCallback;
  }

  #hear(event: EventName, args: readonly unknown[]): unknown {
    const info = args.at(-1) as EventInfo;
    const { id } = info.process;
    if (event === "response_delta") this.texts.set(id, (this.texts.get(id) ?? "") + String(args[0]));
    const heard = this.heard.get(id) ?? [];
    this.heard.set(id, heard);
    heard.push(info.seq);
    const draw = this.#chance.for(id.slice(info.process.rootId.length), info.seq);
    if (!draw.happens(this.#rate)) return undefined;
    return draw.pick(this.#deeds)({ event, args, info, draw, subject: this, abort: this.#abort });
  }
}
