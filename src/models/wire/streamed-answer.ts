import { isJsonObject } from "../../json.ts";
import { parseJson } from "../../process/contract/exact-json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import type { AnswerIO, AnswerReader } from "./answer-reader.ts";
import { tellsFailure } from "./error-body.ts";
import type { StreamEvent } from "./event-stream.ts";
import { EventStream } from "./event-stream.ts";
import { isStreamEvent } from "./stream-event.ts";
import { ENDED_EARLY } from "./told-error.ts";
import type { Assembly } from "./wire-format.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

/** What a listener of the text has thrown: no fault of the answer. */
export class ListenerFault extends Error {
  readonly thrown: unknown;

  constructor(thrown: unknown) {
    super("a listener threw");
    this.thrown = thrown;
  }
}

/** A reply that comes as server-sent events. */
export class StreamedAnswer implements AnswerReader {
  readonly #io: AnswerIO;
  readonly #assembly: Assembly;
  readonly #stream: EventStream;
  /** What may be words about a failure, if nothing better comes. */
  #complaint: unknown;
  /** The first line that was no event. */
  #noise = "";
  #endsAs: "" | "whole" | "complete" = "";
  #isBroken = false;

  constructor(io: AnswerIO) {
    this.#io = io;
    this.#assembly = io.target.format.assembly();
    this.#stream = new EventStream(io.createParser);
  }

  get whole(): boolean {
    return this.#assembly.whole && !this.#isBroken;
  }

  get usage(): TokenUsage | undefined {
    return this.#assembly.usage;
  }

  get unheard(): string {
    return this.#assembly.unheard;
  }

  add(text: string): void | Promise<void> {
    const events = this.#stream.add(text);
    const waited = this.#each(events);
    if (waited !== undefined) return waited.then(() => this.#bound());
    this.#bound();
  }

  #each(events: readonly StreamEvent[]): void | Promise<void> {
    for (let place = 0; place < events.length; place++) {
      const waited = this.#take(events[place]);
      if (waited !== undefined) return this.#slowly(waited, events.slice(place + 1));
    }
  }

  /** @throws Unreadable if it was not the end of the reply */
  async end(): Promise<void> {
    const last = this.#stream.end().filter(({ event, data, isBare }) => isBare || event === "error" || isWhole(data));
    await this.#each(last);
    this.#bound();
    if (this.#assembly.whole) return;
    if (this.#complaint !== undefined) throw new BrokenOff(this.#complaint);
    throw new Unreadable(ENDED_EARLY, this.#noise);
  }

  result(): Reply {
    return this.#assembly.result();
  }

  async #slowly(first: Promise<void> | undefined, events: readonly StreamEvent[]): Promise<void> {
    await first;
    for (const event of events) await this.#take(event);
  }

  #take(event: StreamEvent | undefined): void | Promise<void> {
    if (event === undefined || event.data === "" || this.#assembly.complete) return undefined;
    if (event.data === "[DONE]") return this.#assembly.end?.();
    const { data, isBare } = event;
    const parsed = parsedData(data);
    const failure = event.event === "error" ? "surely" : tellsFailure(parsed);
    if (failure === "surely") return this.#breakOff(parsed ?? data);
    if (failure === "perhaps") this.#complaint = parsed;
    if (!isJsonObject(parsed)) return this.#withoutObject(parsed, event);
    if (isBare) {
      if (isStreamEvent(parsed)) throw new Unreadable("a line of its stream lacks its data:", data);
      this.#noise ||= data;
      return undefined;
    }
    const text = this.#assembly.add(parsed);
    return text === undefined ? undefined : this.#hand(text);
  }

  /** All that can be a part of a reply is in objects: JSON that has none is noise. */
  #withoutObject(parsed: unknown, { data, isBare }: StreamEvent): void | Promise<void> {
    if (/^\s*"?\[done\]"?\s*$/i.test(data)) return this.#assembly.end?.();
    // Several events whose blank lines are missing.
    if (isWhole(data)) return this.#each(data.split("\n").map((line) => ({ data: line })));
    const holdsNothing = parsed === undefined ? SIGN_OF_LIFE.test(data) : !/[{}]/.test(data);
    if (!isBare && !holdsNothing) throw new Unreadable("an event of the stream is not a JSON object", data);
    this.#noise ||= data;
  }

  /** What is said beside the failure is said. @throws BrokenOff */
  #breakOff(said: unknown): void | Promise<void> {
    const broken = new BrokenOff(said);
    if (this.#assembly.whole) throw broken;
    this.#isBroken = true;
    const waited = this.#hand(this.#textBeside(said) ?? "");
    if (waited === undefined) throw broken;
    return waited.then(() => {
      throw broken;
    });
  }

  #textBeside(said: unknown): string | undefined {
    try {
      return isJsonObject(said) ? this.#assembly.add(said) : undefined;
    } catch {
      return undefined;
    }
  }

  #hand(text: string): void | Promise<void> {
    let waited: void | Promise<void>;
    try {
      waited = this.#io.onText(text);
    } catch (thrown) {
      throw new ListenerFault(thrown);
    }
    if (waited !== undefined) return this.#listened(waited);
  }

  /** The time that a listener takes is not the vendor's delay. */
  async #listened(waited: Promise<void>): Promise<void> {
    const { connection, idleTimeoutMs } = this.#io;
    connection.received();
    try {
      await waited;
    } catch (thrown) {
      throw new ListenerFault(thrown);
    }
    if (this.#endsAs === "") connection.waitFor(idleTimeoutMs);
  }

  /** Once the reply is whole, there is a moment for what it was billed, and one for the end of the stream: no more. */
  #bound(): void {
    const { connection, idleTimeoutMs } = this.#io;
    if (this.#assembly.complete && this.#endsAs !== "complete") {
      this.#endsAs = "complete";
      connection.endWithin(LINGER_MS);
    } else if (this.#assembly.whole && this.#endsAs === "") {
      this.#endsAs = "whole";
      connection.endWithin(Math.min(idleTimeoutMs, AFTER_WHOLE_MS));
    }
  }
}

/** Nothing that matters can come: only so that the connection can be used again. */
export const LINGER_MS = 250;

/** Counts of tokens come behind the reason to stop. */
const AFTER_WHOLE_MS = 2000;

function parsedData(data: string): unknown {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
}

const SIGN_OF_LIFE = /^[:\s]*(keep-?alive|heart-?beat|ping|pong|ok)\s*$/i;

function isWhole(data: string): boolean {
  if (data.includes("\n") && data.split("\n").every(isWhole)) return true;
  if (data === "[DONE]") return true;
  try {
    return isJsonObject(JSON.parse(data));
  } catch {
    return false;
  }
}
