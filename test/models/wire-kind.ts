import type { Model } from "../../src/process/contract/model.ts";
import type { WireAnswer, WireEvent, WireScript, WireVoice } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

export interface WireKindOptions<Script extends WireScript> {
  readonly name: string;
  readonly has: ModelKind["has"];
  readonly voice: WireVoice<Script>;
  /** The reply as this vendor says it. */
  toScript(wanted: WantedReply): Script;
  /** The body of an answer with a status that says no. */
  errorBody(message: string): object;
  /** The text in one event. */
  textIn(event: WireEvent): unknown;
  model(url: string): Model;
}

/** A kind of model under the conformance suite: its real SDK against a server of ours on this machine. */
export function wireKind<Script extends WireScript>(kind: WireKindOptions<Script>): ModelKind {
  const toAnswer = (wanted: WantedReply): WireAnswer<Script> => {
    const { error, stallsAfter, breaksAfter } = wanted;
    if (error !== undefined) {
      const headers = error.retryAfterMs === undefined ? {} : { "retry-after": String(error.retryAfterMs / 1000) };
      return { status: error.status, headers, raw: JSON.stringify(kind.errorBody(error.message)) };
    }
    const message = kind.toScript(wanted);
    const until = stallsAfter ?? breaksAfter;
    if (until === undefined) return { message };
    return {
      message,
      cutAfterBytes: bytesOfText(kind, message, until),
      afterCut: stallsAfter === undefined ? "reset" : "stall",
    };
  };
  return {
    name: kind.name,
    has: kind.has,
    async open(replies) {
      const server = await wireServer(kind.voice, replies.map(toAnswer));
      return {
        model: kind.model(server.url),
        sent: () => server.requests.length,
        bodies: () => server.requests.map(({ raw }) => raw.toString("utf8")),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  };
}

/** The length of the stream up to and with the piece that completes so many characters of text. */
function bytesOfText<Script extends WireScript>(
  { voice, textIn }: WireKindOptions<Script>,
  script: Script,
  characters: number,
): number {
  const events = voice.events(script, 4);
  let seen = 0;
  const last = events.findIndex((event) => {
    const text = textIn(event);
    seen += typeof text === "string" ? text.length : 0;
    return seen >= characters;
  });
  return Buffer.byteLength(voice.encode(events.slice(0, last + 1)));
}
