import type { Callback } from "../../events/callback.ts";
import type { JsonObject } from "../../json.ts";
import type { Model, RequestBound, TokenUsage } from "./model.ts";
import type { LinkedProgramInfo, Tool } from "./tool.ts";
import type { Toolbox } from "./toolbox.ts";

/** What a process runs, ready to run: checked, its model and tools at hand. Immutable. */
export interface ProcessProgram {
  /** By which links it was found, from the program of the root: `""` for that one, `"researcher/helper"`. */
  readonly key: string;
  readonly name: string;
  readonly model: Model;
  readonly systemPrompt: string;
  readonly parameters: JsonObject;
  readonly tools: readonly Tool[];
  /** What is opened with a process of it, and closed with that one. */
  readonly toolboxes: readonly Toolbox[];
  /** For tools that name none, in milliseconds. */
  readonly toolTimeoutMs: number;
  /** What a model reads of one result at most, for tools that name no limit. */
  readonly maxToolResultCharacters: number;
  /** Calls of one reply run at the same time, or one after the other. */
  readonly parallelToolCalls: boolean;
  readonly limits: ProgramLimits;
  readonly retry: RetryPolicy;
  readonly prices: Prices;
  readonly linkedPrograms: readonly LinkedProgramInfo[];
  /** The callbacks that it brings along, for one process of it and that one's descendants. */
  loadCallbacks(): Promise<readonly Callback[]>;
  /** A linked program, ready to run. */
  loadLinked(name: string): Promise<ProcessProgram>;
}

/** Those of a process bind its descendants, too, whatever program they run; `turns` are each run's own. */
export interface ProgramLimits {
  /** Turns of one run. */
  readonly turns: number;
  /** Children that a run may make, or a process have open for its host, theirs among them. */
  readonly children: number;
  /** How deep below a process its descendants may be: 1 for children that have none. */
  readonly depth: number;
  /** Tool calls of one reply that run at the same time. */
  readonly parallelCalls: number;
  /** What a process and all its descendants may cost in its life, in US dollars. */
  readonly usd?: number;
  /** Input and output tokens of a process and all its descendants in its life. */
  readonly tokens?: number;
  /** Milliseconds of one run. */
  readonly wallMs?: number;
  /** A part of `usd` and `tokens`, from 0 to 1: when so much is spent, a line on stderr says so. */
  readonly warnAt: number;
  /** Whether the model may give its children shares of the limit. */
  readonly shares: boolean;
}

/** When a failed request is sent again. */
export interface RetryPolicy {
  /** Requests for one reply, the first among them. */
  readonly maxAttempts: number;
  /** The first wait is drawn from 0 to this, the next from 0 to twice as much, and so on. */
  readonly initialDelayMs: number;
  /** The most that a wait is drawn from. What the provider asks to wait comes on top. */
  readonly maxDelayMs: number;
  /** What all attempts of one reply and the waits between them may have taken when the last one begins. */
  readonly deadlineMs: number;
}

/** What requests cost. */
export interface Prices {
  /** Whether they are the program's own, and so hold for whatever it asks for. */
  readonly areOwn: boolean;
  /** US dollars, or undefined where the price is not known. */
  usdCost(model: Model, usage: TokenUsage): number | undefined;
  /** The most that a request of this bound can cost, in US dollars; undefined where its price is not known. */
  mostUsd(model: Model, bound: PricedBound): number | undefined;
}

/** As much of a `RequestBound` as prices ask for. */
export interface PricedBound extends Pick<RequestBound, "inputTokens" | "countedTokens" | "cachesForAnHour"> {
  readonly maxOutputTokens: number;
}
