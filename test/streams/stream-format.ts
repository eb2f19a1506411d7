import type { JsonObject } from "../../src/json.ts";
import type { Model } from "../../src/process/contract/model.ts";

/** One server-sent event, as its bytes, and the text that a listener hears of it. */
export interface StreamPiece {
  readonly raw: string;
  readonly text?: string;
}

/** How a format's model is reached. */
export interface StreamModelOptions {
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly idleTimeoutMs: number;
}

/**
 * A wire format under the suites that cut and damage its streams. `stream` is one reply with text, reasoning, two calls
 * of the tool `mark` and usage, in the events that the vendor documents.
 */
export interface StreamFormat {
  readonly name: string;
  readonly stream: readonly StreamPiece[];
  /** So many pieces make the reply whole: whatever is lost behind them is no loss. */
  readonly wholeAfter: number;
  /** What the vendor sends when it breaks off in the middle. */
  readonly errorEvent: string;
  /** A whole reply, not streamed, that says "done" and asks for nothing. */
  readonly done: JsonObject;
  /** A whole reply, not streamed, that says what `stream` does. */
  readonly reply: JsonObject;
  model(options: StreamModelOptions): Model;
  /** What the vendor would object to in a request, as sentences; empty where it takes it. */
  objections(body: JsonObject): readonly string[];
}

/** The text of the stream, as its pieces. */
export const TEXT = "I mark both: Zürich 🚲.";
export const CALLS = [
  { id: "call_a", name: "mark", args: { place: "Zürich", n: [1, 2] } },
  { id: "call_b", name: "mark", args: { place: "" } },
] as const;

export function bytesOf(pieces: readonly StreamPiece[]): Buffer {
  return Buffer.from(pieces.map(({ raw }) => raw).join(""));
}
