import type { EventName } from "./callback-event.ts";
import { EVENT_NAMES } from "./callback-event.ts";
import type { EventRecord } from "./event-record.ts";

/** What a recording can do wrong, by name. */
export const EVENT_RULES = {
  bad_record: "Something in the list is no record of an event.",
  seq_order: "The sequence numbers of a process must rise.",
  time_order: "The times of a process must not go back.",
  process_start_first: "A process's first event is process_start; it comes once.",
  process_end_last: "After process_end, a process raises nothing but callback_error.",
  process_end_missing: "A started process must end.",
  run_nested: "A run must end before the next begins.",
  run_missing: "The event belongs to a run, but none is under way.",
  run_end_missing: "A run must end.",
  run_mismatch: "The event names another run than the one under way.",
  turn_nested: "A turn must end before the next begins, and before the run ends.",
  turn_missing: "The event belongs to a turn, but none is under way.",
  turn_number: "Turns count up from 1.",
  attempt_nested: "An attempt must end before anything else happens in its turn.",
  attempt_missing: "The event belongs to an attempt, but none is under way.",
  attempt_number: "Attempts of a turn count up from 1.",
  attempt_after_reply: "A turn has no attempt after a reply, or after one that was given up.",
  response_out_of_place: "response comes after the attempts of a turn and before its tools.",
  tool_out_of_place: "Tools come after a reply.",
  tool_twice: "A call starts once.",
  tool_end_without_start: "A call must start before it ends.",
  tool_result_out_of_place: "A call has one tool_result at most, between its start and its end.",
  tool_end_missing: "Every tool_start needs its tool_end before the turn ends.",
  tool_name_mismatch: "tool_start and tool_end of a call name the same tool.",
  duration_missing: "An end says how long it took.",
  child_without_parent: "A child's root and depth must fit its id.",
  child_outlives_parent: "A child must end before its parent does.",
} as const;

export type EventRule = keyof typeof EVENT_RULES;

/** One breach of the grammar. */
export interface EventProblem {
  readonly rule: EventRule;
  readonly processId: string;
  readonly seq: number;
  readonly event: string;
  readonly message: string;
}

/**
 * Checks a recording (of `on("*")`, of any number of processes) against the grammar of events:
 *
 *     run     = run_start turn* run_end
 *     turn    = turn_start attempt* response* tool* turn_end        tools overlap
 *     attempt = api_request response_delta* (api_response | api_error)
 *     tool    = tool_start tool_result? tool_end
 *     process_start … process_end around all runs; stderr_write, context_change and callback_error anywhere
 *
 * Returns what is wrong, in order; nothing for a good recording. `partial: true` allows a recording that stops in the
 * middle, as that of a process still open.
 */
export function checkEvents(
  records: Iterable<EventRecord>,
  { partial = false }: { partial?: boolean } = {},
): EventProblem[] {
  const problems: EventProblem[] = [];
  const lives = new Map<string, Life>();
  for (const record of records) {
    if (!isRecord(record)) {
      problems.push(problem("bad_record", "?", 0, "?"));
      continue;
    }
    const { id } = record.process;
    const life = lives.get(id) ?? new Life(id, problems);
    lives.set(id, life);
    life.take(record);
    if (record.event === "process_end") checkDescendants(record, lives, problems);
  }
  if (!partial) for (const life of lives.values()) life.finish();
  return problems;
}

function isRecord(value: unknown): value is EventRecord {
  if (typeof value !== "object" || value === null) return false;
  const { event, seq, timeMs, process } = value as Partial<EventRecord>;
  if (
    typeof event !== "string" ||
    !EVENT_NAMES.includes(event) ||
    typeof seq !== "number" ||
    typeof timeMs !== "number"
  )
    return false;
  return typeof process === "object" && process !== null && typeof process.id === "string";
}

function problem(rule: EventRule, processId: string, seq: number, event: string): EventProblem {
  return { rule, processId, seq, event, message: `${processId} #${seq} ${event}: ${EVENT_RULES[rule]}` };
}

function checkDescendants(end: EventRecord, lives: Map<string, Life>, problems: EventProblem[]): void {
  for (const [id, life] of lives) {
    if (id.startsWith(`${end.process.id}.`) && life.open) {
      problems.push(problem("child_outlives_parent", id, end.seq, end.event));
    }
  }
}

/** Where a turn is in `attempt* response* tool*`. */
interface OpenTurn {
  readonly number: number;
  attempts: number;
  attempting: boolean;
  /** No attempt may follow: the last one got a reply, or gave up. */
  concluded: boolean;
  replied: boolean;
  tooled: boolean;
}

const ENDS = new Set<EventName>(["tool_end", "api_response", "api_error", "turn_end", "run_end", "process_end"]);

/** What is under way in one process. */
class Life {
  readonly #id: string;
  readonly #problems: EventProblem[];
  readonly #calls = new Map<string | undefined, string>();
  readonly #called = new Set<string | undefined>();
  readonly #answered = new Set<string | undefined>();
  #record: EventRecord | undefined;
  #seq = 0;
  #timeMs = Number.NEGATIVE_INFINITY;
  #state: "new" | "open" | "ended" = "new";
  #runId: string | undefined;
  #turns = 0;
  #turn: OpenTurn | undefined;

  constructor(id: string, problems: EventProblem[]) {
    this.#id = id;
    this.#problems = problems;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  take(record: EventRecord): void {
    this.#record = record;
    this.#require(record.seq > this.#seq, "seq_order");
    this.#require(record.timeMs >= this.#timeMs, "time_order");
    this.#require(fitsTree(record), "child_without_parent");
    this.#seq = Math.max(record.seq, this.#seq);
    this.#timeMs = Math.max(record.timeMs, this.#timeMs);
    if (record.event === "callback_error") return;
    this.#require(this.#state !== "ended", "process_end_last");
    this.#require((record.event === "process_start") === (this.#state === "new"), "process_start_first");
    if (ENDS.has(record.event)) this.#require(typeof record.durationMs === "number", "duration_missing");
    if (this.#state === "new") this.#state = "open";
    this.#step(record);
  }

  finish(): void {
    if (this.#runId !== undefined) this.#report("run_end_missing");
    if (this.#state === "open") this.#report("process_end_missing");
  }

  #step(record: EventRecord): void {
    switch (record.event) {
      case "process_start":
      case "stderr_write":
      case "context_change":
      case "callback_error":
        return;
      case "process_end":
        this.#require(this.#runId === undefined, "run_end_missing");
        this.#runId = undefined;
        this.#state = "ended";
        return;
      case "run_start":
        this.#require(this.#runId === undefined, "run_nested");
        this.#runId = record.runId;
        this.#turns = 0;
        return;
      default:
        this.#require(this.#runId !== undefined, "run_missing");
        this.#require(this.#runId === undefined || record.runId === this.#runId, "run_mismatch");
        this.#stepInRun(record);
    }
  }

  #stepInRun(record: EventRecord): void {
    if (record.event === "run_end") {
      this.#require(this.#turn === undefined, "turn_nested");
      this.#turn = undefined;
      this.#runId = undefined;
    } else if (record.event === "turn_start") {
      this.#require(this.#turn === undefined, "turn_nested");
      this.#turns++;
      this.#require(record.turn === this.#turns, "turn_number");
      this.#turn = {
        number: this.#turns,
        attempts: 0,
        attempting: false,
        concluded: false,
        replied: false,
        tooled: false,
      };
      this.#called.clear();
      this.#answered.clear();
    } else if (this.#turn === undefined) {
      this.#report("turn_missing");
    } else {
      this.#require(record.turn === this.#turn.number, "turn_number");
      this.#stepInTurn(record, this.#turn);
    }
  }

  #stepInTurn(record: EventRecord, turn: OpenTurn): void {
    switch (record.event) {
      case "api_request":
        this.#require(!turn.attempting, "attempt_nested");
        this.#require(!turn.concluded, "attempt_after_reply");
        turn.attempts++;
        this.#require(record.attempt === turn.attempts, "attempt_number");
        turn.attempting = true;
        return;
      case "response_delta":
        this.#require(turn.attempting, "attempt_missing");
        return;
      case "api_response":
      case "api_error":
        this.#require(turn.attempting, "attempt_missing");
        turn.attempting = false;
        turn.concluded = record.event === "api_response" || record.retry === undefined;
        turn.replied = record.event === "api_response";
        return;
      default:
        this.#require(!turn.attempting, "attempt_nested");
        this.#stepAfterReply(record, turn);
    }
  }

  #stepAfterReply(record: EventRecord, turn: OpenTurn): void {
    switch (record.event) {
      case "response":
        this.#require(turn.concluded && !turn.tooled, "response_out_of_place");
        return;
      case "tool_start":
        this.#require(turn.replied, "tool_out_of_place");
        this.#require(!this.#called.has(record.callId), "tool_twice");
        turn.tooled = true;
        this.#called.add(record.callId);
        this.#calls.set(record.callId, record.toolName);
        return;
      case "tool_result":
        // One that never started is told of at its end.
        this.#require(
          !this.#called.has(record.callId) ||
            (this.#calls.get(record.callId) === record.toolName && !this.#answered.has(record.callId)),
          "tool_result_out_of_place",
        );
        this.#answered.add(record.callId);
        return;
      case "tool_end": {
        const started = this.#calls.get(record.callId);
        this.#require(started !== undefined, "tool_end_without_start");
        this.#require(started === undefined || started === record.toolName, "tool_name_mismatch");
        this.#calls.delete(record.callId);
        return;
      }
      case "turn_end":
        this.#require(this.#calls.size === 0, "tool_end_missing");
        this.#calls.clear();
        this.#turn = undefined;
    }
  }

  #require(holds: boolean, rule: EventRule): void {
    if (!holds) this.#report(rule);
  }

  #report(rule: EventRule): void {
    this.#problems.push(problem(rule, this.#id, this.#record?.seq ?? 0, this.#record?.event ?? "?"));
  }
}

function fitsTree({ process: { id, parentId, rootId, depth } }: EventRecord): boolean {
  const parts = id.split(".");
  return (
    parts.length === depth + 1 &&
    parts[0] === rootId &&
    (depth === 0 ? undefined : parts.slice(0, -1).join(".")) === parentId
  );
}
