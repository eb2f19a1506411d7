import { LLMProcError } from "../../errors.ts";
import type { Message } from "../../events/message.ts";
import type { JsonObject, JsonValue } from "../../json.ts";

/** How to reach a model. `send` is one attempt: it neither retries nor remembers. */
export interface Model {
  /** As in a program file: `"anthropic"`, `"scripted"`. Prices are looked up by it. */
  readonly provider: string;
  readonly name: string;
  /**
   * Sends one request and returns the whole reply.
   * @throws ModelError for whatever the API or the connection did; what `io.beforeSend` throws, as it is
   */
  send(conversation: Conversation, io: ModelIO): Promise<Reply>;
  /**
   * What a request can use at most, read from its payload. Without it, a process with a limit of cost or tokens cannot
   * use the model. `counted` is an earlier request, most often one that this one goes on from.
   */
  bound?(payload: JsonObject, counted?: CountedRequest): RequestBound;
}

/** A request of which the provider has said how many tokens it had. */
export interface CountedRequest {
  readonly payload: JsonObject;
  readonly inputTokens: number;
  /** Those of its reply, which is input from then on. */
  readonly outputTokens: number;
}

/** What one request can use at most. */
export interface RequestBound {
  /** The most tokens that the provider can count as input, what it adds unseen among them. */
  readonly inputTokens: number;
  /** Those of `inputTokens` that the provider has counted before, so that they are real. */
  readonly countedTokens: number;
  /** The most output tokens that the payload allows; undefined where it sets no limit. */
  readonly maxOutputTokens: number | undefined;
  /** The parameter that would set it, for messages: `"max_tokens"`. */
  readonly outputParameter: string;
  /** Whether some of the input may be written to the cache for an hour. */
  readonly cachesForAnHour: boolean;
  /** What in the payload uses tokens, or costs money, without a bound, in words for the user; empty where nothing does. */
  readonly unbounded: readonly string[];
  /** What in the payload is not sold at list prices, in words for the user. The program's own `[pricing]` holds for it. */
  readonly offList: readonly string[];
}

/** What a request is made of. Everything in it is frozen. */
export interface Conversation {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDescription[];
  /** `[parameters]` of the program: they reach the provider untouched, known to us or not. */
  readonly parameters: JsonObject;
  /** 0 for a root process, 1 for its children. */
  readonly depth: number;
}

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema. */
  readonly parameters: JsonObject;
}

export interface ModelIO {
  readonly signal: AbortSignal;
  /**
   * To be awaited with the exact body, deeply frozen, right before it is sent: guards and ledger answer in here.
   * When it throws, nothing may be sent, and `send` rejects with the same. A model that sends no body may give a
   * function instead, which is called if somebody wants to see one.
   */
  beforeSend(payload: JsonObject | (() => JsonObject)): void | Promise<void>;
  /** A piece of text as it streams. Awaited where it returns a promise, so that a slow listener slows the stream. */
  onText(text: string): void | Promise<void>;
}

/** One whole reply. */
export interface Reply {
  /** The reply as received (assembled if it was streamed), plain JSON. */
  readonly response: JsonValue;
  /** The provider's own blocks, as they go back to it with the next request. */
  readonly content: readonly JsonObject[];
  /** The text blocks of the reply, in order; blocks without text are left out. */
  readonly texts: readonly string[];
  readonly toolCalls: readonly ToolCall[];
  /** Undefined if the provider did not say. */
  readonly usage: TokenUsage | undefined;
  /** A zero in `usage` is what it used, as in a script, and no count that is missing. @default false */
  readonly zeroIsMeant?: boolean;
  /** What the provider itself says that the request cost, in US dollars: taken as it is, in place of list prices. */
  readonly usdCost?: number;
  /** Why list prices do not hold for this reply (a service tier, a tool with a fee), in words for the user. */
  readonly offList?: string;
  /** It is only the rates that are others (a service tier): the program's own `[pricing]` holds. @default false */
  readonly isOtherRate?: boolean;
  /** `"other"` if the provider gave a reason that is not known here: then what arrived may be a part. */
  readonly stopReason: "end" | "tool_use" | "max_tokens" | "refusal" | "other";
  /** The provider's own word for why it stopped, where `stopReason` says less: `"SAFETY"`, `"abort"`. */
  readonly stopDetail?: string;
  /** What the provider said to have failed once the reply was whole, which takes nothing from it: in words for the user. */
  readonly complaint?: string;
}

/** A call that a model asks for. */
export interface ToolCall {
  /** The provider's own id. */
  readonly id: string;
  readonly name: string;
  /** What parsed; `{}` where nothing did. */
  readonly args: JsonObject;
  /** Why the arguments did not parse, if they did not. */
  readonly invalid?: string;
}

/** Counts of tokens of one request. */
export interface TokenUsage {
  /** All input tokens: those read from and written to the cache are in it. */
  readonly inputTokens: number;
  /** All output tokens: those of reasoning are in it. */
  readonly outputTokens: number;
  /** Those of `outputTokens` that were reasoning, where the provider tells them apart. */
  readonly reasoningTokens?: number;
  readonly cacheReadTokens: number;
  /** Written to the cache, for 5 minutes or an hour. */
  readonly cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that were written for an hour, where the provider tells them apart. */
  readonly cacheWrite1hTokens?: number;
}

/** A request that failed. */
export class ModelError extends LLMProcError {
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** How long the provider asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Whether the provider itself says that the request may be sent again; undefined if it does not say. */
  readonly shouldRetry: boolean | undefined;
  /** The connection failed or the answer was not readable: no status says whether to try again. */
  readonly connection: boolean;
  /** What was billed for the failed request, where that is known. */
  readonly usage: TokenUsage | undefined;
  /** More output than `usage` has may be billed: the answer broke off, and the provider may have gone on. */
  readonly usageIsPartial: boolean;
  /**
   * An answer had begun with a status of success, so the request was taken and may be billed, whatever the answer then
   * said: also where it told an error, with a `status` of its own, in its body.
   */
  readonly accepted: boolean;
  /**
   * The model has learnt from the refusal, and the next request will be another one: it is worth sending, whatever the
   * status.
   */
  readonly isAdapted: boolean;

  constructor(message: string, options: ModelErrorOptions = {}) {
    super("model_failed", message, options);
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.shouldRetry = options.shouldRetry;
    this.connection = options.connection ?? false;
    this.usage = options.usage;
    this.usageIsPartial = options.usageIsPartial ?? false;
    this.accepted = options.accepted ?? false;
    this.isAdapted = options.isAdapted ?? false;
  }
}

export interface ModelErrorOptions {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly shouldRetry?: boolean | undefined;
  readonly connection?: boolean;
  readonly usage?: TokenUsage | undefined;
  /** @default false */
  readonly usageIsPartial?: boolean;
  /** @default false */
  readonly accepted?: boolean;
  /** @default false */
  readonly isAdapted?: boolean;
  readonly cause?: unknown;
}
