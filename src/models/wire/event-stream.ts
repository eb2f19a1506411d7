import type { EventSourceParser, ParserConfig } from "eventsource-parser";
import { TooLarge } from "./too-large.ts";

/** One event of a stream, its data not yet parsed. */
export interface StreamEvent {
  readonly event?: string | undefined;
  readonly data: string;
  /** A line without the form of an event: what is between a vendor and us tells its failures like that. */
  readonly isBare?: true;
}

export type CreateParser = (config: ParserConfig) => EventSourceParser;

/** Server-sent events, in pieces of text cut anywhere. */
export class EventStream {
  readonly #parser: EventSourceParser;
  #events: StreamEvent[] = [];
  #last = "";

  constructor(createParser: CreateParser) {
    this.#parser = createParser({
      maxBufferSize: MAX_EVENT_LENGTH,
      onEvent: (event) => this.#events.push(event),
      onError: ({ type, line }) => {
        if (type === "max-buffer-size-exceeded") throw new TooLarge("an event of its stream", MAX_EVENT_LENGTH);
        if (type === "unknown-field" && line !== undefined) this.#events.push({ data: line, isBare: true });
      },
    });
  }

  /** The events that are whole now. */
  add(text: string): readonly StreamEvent[] {
    this.#last = text;
    return this.#taken(text);
  }

  /** What the stream ended in, be it an event whose blank line is missing, or a part of one. */
  end(): readonly StreamEvent[] {
    const line = this.#last.slice(this.#last.lastIndexOf("\n") + 1);
    const events = this.#taken("\n\n");
    return /^(\s*$|:|(data|event|id|retry)\b)/.test(line) ? events : [...events, { data: line, isBare: true }];
  }

  #taken(text: string): readonly StreamEvent[] {
    this.#parser.feed(text);
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }
}

/** In characters. The event that ends a stream of Responses has the whole reply in it. */
const MAX_EVENT_LENGTH = 64_000_000;
