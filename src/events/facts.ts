import type { JsonObject } from "../json.ts";
import type { RequestBill } from "./bill.ts";
import type { Message, ToolReply } from "./message.ts";
import type { ModelName, StopReason, VetoRecord } from "./run-result.ts";

/**
 * What events say beyond their arguments, so that their records are enough to rebuild a process. Each stands on the
 * events that it belongs to, and is undefined elsewhere.
 */
export interface Facts {
  /** On `process_start`: where the process comes from. */
  readonly origin?: ProcessOrigin;
  /** On `process_start`: what it runs. */
  readonly program?: ProgramIdentity;
  /** On `run_start`: what the run may come to. */
  readonly bounds?: RunBounds;
  /** On `run_end` where `run()` rejects, on `api_error` without a retry, on `turn_end` of one that was denied: how the run ends. */
  readonly failure?: RunFailure;
  /** On the end of what a guard has denied, a run, turn, request, call or child: who, and why. */
  readonly veto?: VetoRecord;
  /** On `api_request`, `api_response` and `api_error`. */
  readonly model?: ModelName;
  /** On `api_response` and `api_error`: what the request came to; undefined where it was never sent. */
  readonly bill?: RequestBill;
  /** On `api_response`: why the model stopped. */
  readonly stopReason?: ReplyStopReason;
  /** On `api_response`: the provider's own word for it, where that says more. */
  readonly stopDetail?: string;
  /** On `api_response`: what the provider said to have failed once the reply was whole. */
  readonly complaint?: string;
  /** On `api_response`: its calls whose arguments could not be read, and why. */
  readonly unreadCalls?: readonly UnreadCall[];
  /** On `api_response` and `api_error`: milliseconds from when the request left to the first piece of text, where it streamed. */
  readonly firstTextMs?: number;
  /** On `api_response`, and on `api_error` where text had arrived: the message as the conversation keeps it. */
  readonly message?: Message;
  /** On `turn_end`: the results tied to their calls, as the conversation keeps them. */
  readonly results?: readonly ToolReply[];
  /** On tool events: why the call cannot run (unknown tool, arguments that do not fit). */
  readonly invalid?: string;
  /** On `tool_end`: the name of the callback that has denied the call. */
  readonly deniedBy?: string;
  /** On `tool_end`: the name of the callback that withheld what the tool had returned. */
  readonly withheldBy?: string;
  /** On `tool_end`: the name of the callback that replaced what the tool had returned. */
  readonly resultReplacedBy?: string;
  /** On `tool_end`: the name of the callback that answered in the tool's place. */
  readonly answeredBy?: string;
  /** On `tool_end`: the name of the callback that replaced the arguments. */
  readonly replacedBy?: string;
  /** On `tool_end`: what the tool was called with instead, where a callback replaced the arguments. */
  readonly replacedArgs?: JsonObject;
  /** On `tool_end`: what of `durationMs` the tool itself took, in milliseconds, without the time that callbacks took before it. */
  readonly execMs?: number;
}

/** A call that cannot run as it was asked for. */
export interface UnreadCall {
  readonly callId: string;
  /** In words for the model. */
  readonly problem: string;
}

/** What a run may come to. What is not there has no bound. */
export interface RunBounds {
  readonly turns?: number;
  readonly wallMs?: number;
  readonly usd?: number;
  readonly tokens?: number;
  readonly warnAt: number;
}

export interface RunFailure {
  readonly stopReason: StopReason;
  /** What `run()` rejects with, in words. */
  readonly message: string;
}

/** Why a model stopped: `"tool_use"` also where the provider only paused, `"other"` for a reason that is not known here. */
export type ReplyStopReason = "end" | "tool_use" | "max_tokens" | "refusal" | "other";

/** Where a process comes from. */
export interface ProcessOrigin {
  readonly kind: (typeof ORIGIN)[keyof typeof ORIGIN];
  /** So many of the first messages of its parent's conversation are its own, too. */
  readonly inheritedMessages: number;
  /**
   * How long its conversation is by then, in tokens, as far as its parent's provider has counted it. Undefined where
   * nobody has counted.
   */
  readonly inheritedTokens?: number | undefined;
  /**
   * What its conversation begins with after those: what a root was given; for a fork that a tool made, the message that
   * asked, and its answers as the child sees them.
   */
  readonly messages: readonly Message[];
}

/** What a process runs. */
export interface ProgramIdentity {
  readonly name: string;
  /** SHA-256 of all that a request depends on, in hex: model, system prompt, parameters, tools as the model is told of them. */
  readonly hash: string;
  readonly model: ModelName;
  readonly systemPrompt: string;
  /** Their names, in order. */
  readonly tools: readonly string[];
  /** Those that are set, by their names in a program in code. */
  readonly limits: Readonly<Record<string, number | boolean>>;
}

/** How a process can come to be, by name: the loop knows no tool of that name. */
export const ORIGIN = Object.freeze({ root: "root", fork: "fork", spawn: "spawn" } as const);

export const NO_FACTS: Facts = Object.freeze({});

/** The names of all facts, for records. */
export const FACT_NAMES = [
  "origin",
  "program",
  "bounds",
  "failure",
  "veto",
  "model",
  "bill",
  "stopReason",
  "stopDetail",
  "complaint",
  "unreadCalls",
  "firstTextMs",
  "message",
  "results",
  "invalid",
  "deniedBy",
  "withheldBy",
  "resultReplacedBy",
  "answeredBy",
  "replacedBy",
  "replacedArgs",
  "execMs",
] as const satisfies readonly (keyof Facts)[];
