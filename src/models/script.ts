import type { JsonObject } from "../json.ts";
import type { Conversation, Reply, TokenUsage } from "../process/contract/model.ts";

/** One reply of a scripted model. */
export interface ScriptedReply {
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedToolCall[];
  /** What it says is what was used, zeros too; without it, the reply uses nothing and costs nothing. */
  readonly usage?: Partial<TokenUsage>;
  /** Milliseconds from the request to the whole reply; its text streams in over that time. @default 0 */
  readonly delayMs?: number;
  /** The request fails instead. */
  readonly error?: { readonly status?: number; readonly message?: string; readonly retryAfterMs?: number };
  /** The stream breaks after so many characters of text. */
  readonly cutAfter?: number;
  readonly stopReason?: Reply["stopReason"];
  /** The provider's own word for it. */
  readonly stopDetail?: string;
}

export interface ScriptedToolCall {
  /** @default one made from the number of the reply and the place of the call */
  readonly id?: string;
  readonly name: string;
  readonly args?: JsonObject;
}

/** A reply, or what makes one from the conversation. */
export type ScriptedStep = ScriptedReply | ((conversation: Conversation) => ScriptedReply | Promise<ScriptedReply>);

/** One list that a process and its forks take from, or a list for roots and one for children. */
export type Script =
  | readonly ScriptedStep[]
  | { readonly root: readonly ScriptedStep[]; readonly child: readonly ScriptedStep[] };

export interface ScriptedOptions {
  /** @default "scripted" */
  readonly name?: string;
  /** Prices are looked up by it. @default "scripted" */
  readonly provider?: string;
  /** Starts over at the end of the list. @default false */
  readonly repeat?: boolean;
}
