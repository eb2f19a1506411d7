import type { JsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";

/** How a vendor's API says things. What is the same for all of them is done once, beside this file. */
export interface WireFormat {
  /** To put the events of one stream together. */
  assembly(): Assembly;
  /** The reply in an answer that was not streamed. @throws Unreadable, BrokenOff */
  reply(answer: JsonObject): Reply;
  /** What the model says in an answer, whatever else is wrong with that. */
  texts(answer: JsonObject): readonly string[];
  /** What was billed, as far as an answer or an event says. */
  usage(answer: JsonObject): TokenUsage | undefined;
}

/** Makes the reply that the same request would have got without streaming. */
export interface Assembly {
  /** The reply is whole: whatever goes wrong from here on is no fault of it. */
  readonly whole: boolean;
  /** Nothing that matters can follow: events are not even looked at any more. */
  readonly complete: boolean;
  /** What is billed, as far as it is known. */
  readonly usage: TokenUsage | undefined;
  /** What the model has said, and nobody was handed. */
  readonly unheard: string;
  /**
   * Takes the next event; returns the piece of text in it, if there is one.
   * @throws Unreadable if it does not fit those before; BrokenOff if it says that the vendor gave up
   */
  add(event: JsonObject): string | undefined;
  /** The vendor says that there are no more events (`[DONE]`). */
  end?(): void;
  /** The reply. @throws Unreadable */
  result(): Reply;
}

/** An answer, or a part of one, that is no reply. Whoever catches it knows the vendor's name. */
export class Unreadable extends Error {
  readonly answer: unknown;

  constructor(problem: string, answer: unknown) {
    super(problem);
    this.answer = answer;
  }
}

/** The vendor itself says, in the midst of an answer, that it failed; `body` is what it said. */
export class BrokenOff extends Error {
  readonly body: unknown;

  constructor(body: unknown) {
    super("broken off");
    this.body = body;
  }
}
