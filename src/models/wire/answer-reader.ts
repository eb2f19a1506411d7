import type { ModelIO, Reply, TokenUsage } from "../../process/contract/model.ts";
import type { Connection } from "./connection.ts";
import type { CreateParser } from "./event-stream.ts";
import type { WireTarget } from "./wire-error.ts";

export interface AnswerIO {
  readonly target: WireTarget;
  readonly connection: Connection;
  readonly createParser: CreateParser;
  readonly onText: ModelIO["onText"];
  /** How long a stream may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Makes what was thrown on the way into what is to be thrown. */
  readonly toError: (thrown: unknown) => unknown;
}

/** Reads an answer. */
export interface AnswerReader {
  /** The reply is whole: whatever goes wrong from here on is no fault of it. */
  readonly whole: boolean;
  /** What is billed, as far as it is known. */
  readonly usage: TokenUsage | undefined;
  /** What the model has said, and nobody was handed. */
  readonly unheard: string;
  /** Takes the next piece of the body. @throws ListenerFault, Unreadable, BrokenOff, TooLarge */
  add(text: string): void | Promise<void>;
  /** The body is over, in good order. @throws as `add`, and ModelError if that was not the end of the reply */
  end(): void | Promise<void>;
  /** @throws Unreadable, BrokenOff */
  result(): Reply;
}
