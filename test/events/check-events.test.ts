import type { EventName, EventRecord } from "llmproc";
import type { EventRule } from "llmproc/testing";
import { checkEvents, EVENT_RULES } from "llmproc/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { OPTIONAL, recording, SCENE_NAMES } from "./recordings.ts";

const good = new Map<string, readonly EventRecord[]>();

beforeAll(async () => {
  for (const name of SCENE_NAMES) good.set(name, await recording(name));
});

const recorded = (name: string) => [...(good.get(name) ?? [])];
const rulesOf = (records: readonly EventRecord[]) => checkEvents(records).map(({ rule }) => rule);

describe("a good recording passes", () => {
  for (const name of SCENE_NAMES) {
    test(name, () => {
      expect(recorded(name).length).toBeGreaterThan(3);
      expect(checkEvents(recorded(name))).toEqual([]);
    });
  }

  test("so do all of them together, whatever the order of the processes", () => {
    const all = SCENE_NAMES.flatMap(recorded);
    expect(checkEvents(all.toSorted((a, b) => a.timeMs - b.timeMs))).toEqual([]);
  });
});

/** The place of the `nth` record of an event. */
function at(records: readonly EventRecord[], event: EventName, nth = 1): number {
  const places = records.flatMap((record, place) => (record.event === event ? [place] : []));
  const place = places.at(nth > 0 ? nth - 1 : nth);
  if (place === undefined) throw new Error(`There is no ${event} number ${nth}.`);
  return place;
}

type Edit = (records: EventRecord[]) => void;

const drop =
  (event: EventName, nth = 1): Edit =>
  (records) =>
    void records.splice(at(records, event, nth), 1);

/** Moves one record right before another; they keep their order of numbers and times. */
const move =
  (event: EventName, nth: number, before: EventName, nthBefore: number): Edit =>
  (records) => {
    const [moved] = records.splice(at(records, event, nth), 1);
    if (moved !== undefined) records.splice(at(records, before, nthBefore), 0, moved);
    renumber(records);
  };

/** The same record once more, right behind itself. */
const double =
  (event: EventName, nth = 1): Edit =>
  (records) => {
    const place = at(records, event, nth);
    records.splice(place, 0, ...records.slice(place, place + 1));
    renumber(records);
  };

const edit =
  (event: EventName, nth: number, change: object): Edit =>
  (records) => {
    const place = at(records, event, nth);
    // An edit makes what the type forbids: that is what is tested.
    records[place] = { ...records[place], ...change } as EventRecord;
  };

/** Numbers and times as if this had been the order, so that only the grammar is broken. */
function renumber(records: EventRecord[]): void {
  const seqs = new Map<string, number>();
  records.forEach((record, place) => {
    const seq = (seqs.get(record.process.id) ?? 0) + 1;
    seqs.set(record.process.id, seq);
    records[place] = { ...record, seq, timeMs: place };
  });
}

/** An edit of a good recording, and the rule that it breaks first. */
const BROKEN: readonly [what: string, scene: string, edit: Edit, rule: EventRule][] = [
  ["a record is null", "text", (records) => void records.splice(2, 0, null as unknown as EventRecord), "bad_record"],
  ["an event is unknown", "text", edit("run_start", 1, { event: "run_begin" }), "bad_record"],
  ["a record has no process", "text", edit("run_start", 1, { process: undefined }), "bad_record"],
  ["a number comes twice", "text", edit("run_start", 1, { seq: 1 }), "seq_order"],
  ["numbers go back", "text", edit("run_end", 1, { seq: 2 }), "seq_order"],
  ["a time goes back", "text", edit("run_end", 1, { timeMs: 5 }), "time_order"],
  ["process_start is missing", "text", drop("process_start"), "process_start_first"],
  ["process_start comes twice", "text", double("process_start"), "process_start_first"],
  ["a process ends before its run", "text", move("process_end", 1, "run_end", 1), "run_end_missing"],
  ["stderr is written after process_end", "tools in parallel", afterTheEnd("stderr_write"), "process_end_last"],
  ["process_end is missing", "text", drop("process_end"), "process_end_missing"],
  ["a run starts in a run", "text", double("run_start"), "run_nested"],
  ["run_start is missing", "text", drop("run_start"), "run_missing"],
  ["run_end is missing", "text", drop("run_end"), "run_end_missing"],
  ["run_end comes twice", "text", double("run_end"), "run_missing"],
  ["an event names another run", "two runs", edit("turn_start", -1, { runId: "x.r1" }), "run_mismatch"],
  ["an event names no run", "text", edit("api_request", 1, { runId: undefined }), "run_mismatch"],
  ["a turn starts in a turn", "text", double("turn_start"), "turn_nested"],
  ["a run ends before its turn", "text", move("run_end", 1, "turn_end", 1), "turn_nested"],
  ["turn_start is missing", "text", drop("turn_start"), "turn_missing"],
  ["turn_end comes twice", "text", double("turn_end"), "turn_missing"],
  ["a turn's number is skipped", "tools in parallel", edit("turn_start", 2, { turn: 3 }), "turn_number"],
  ["an event names another turn", "tools in parallel", edit("tool_start", 1, { turn: 2 }), "turn_number"],
  ["an attempt starts in an attempt", "text", double("api_request"), "attempt_nested"],
  ["a turn ends in an attempt", "an error", drop("api_error"), "attempt_nested"],
  ["api_request is missing", "an error", drop("api_request"), "attempt_missing"],
  ["text streams before the request", "text", move("response_delta", 1, "api_request", 1), "attempt_missing"],
  ["text streams after the reply", "text", move("response_delta", -1, "turn_end", 1), "attempt_missing"],
  ["a reply comes twice", "text", double("api_response"), "attempt_missing"],
  ["an attempt's number is skipped", "a retry", edit("api_request", 2, { attempt: 3 }), "attempt_number"],
  ["attempts do not begin at 1", "text", edit("api_request", 1, { attempt: 0 }), "attempt_number"],
  ["an attempt follows one given up", "a retry", edit("api_error", 1, { retry: undefined }), "attempt_after_reply"],
  ["a response comes before the request", "text", move("response", 1, "api_request", 1), "response_out_of_place"],
  ["a response comes after a tool", "tools in parallel", move("response", 1, "tool_end", 1), "response_out_of_place"],
  [
    "a tool starts before the request",
    "tools in parallel",
    move("tool_start", 1, "api_request", 1),
    "tool_out_of_place",
  ],
  ["a call starts twice", "tools in parallel", double("tool_start"), "tool_twice"],
  ["tool_start is missing", "tools in parallel", drop("tool_start"), "tool_end_without_start"],
  ["tool_end comes twice", "tools in parallel", double("tool_end"), "tool_end_without_start"],
  [
    "a tool ends under another id",
    "tools in parallel",
    edit("tool_end", 1, { callId: "other" }),
    "tool_end_without_start",
  ],
  ["tool_result comes twice", "tools in parallel", double("tool_result"), "tool_result_out_of_place"],
  [
    "tool_result is of another tool",
    "tools in parallel",
    edit("tool_result", 1, { toolName: "other" }),
    "tool_result_out_of_place",
  ],
  [
    "tool_result comes behind its end",
    "tools in sequence",
    move("tool_result", 1, "turn_end", 1),
    "tool_result_out_of_place",
  ],
  ["tool_end is missing", "tools in parallel", drop("tool_end"), "tool_end_missing"],
  ["a turn ends before its tool", "tools in parallel", move("turn_end", 1, "tool_end", 2), "tool_end_missing"],
  [
    "a tool ends by another name",
    "tools in parallel",
    edit("tool_end", 1, { toolName: "other" }),
    "tool_name_mismatch",
  ],
  ...(["tool_end", "api_response", "turn_end", "run_end", "process_end"] as const).map(
    (event) =>
      [
        `${event} has no duration`,
        "tools in parallel",
        edit(event, 1, { durationMs: undefined }),
        "duration_missing",
      ] as [string, string, Edit, EventRule],
  ),
  ["a child names no parent", "forks", childWith({ parentId: undefined }), "child_without_parent"],
  ["a child's depth is that of a root", "forks", childWith({ depth: 0 }), "child_without_parent"],
  ["a child names another root", "forks", childWith({ rootId: "other" }), "child_without_parent"],
  ["a child ends after its parent", "forks", afterTheEnd("process_end"), "child_outlives_parent"],
  ["a child's events are called its parent's", "forks", asTheRoot, "seq_order"],
];

function afterTheEnd(event: EventName): Edit {
  return (records) => {
    const [moved] = records.splice(at(records, event), 1);
    if (moved !== undefined) records.push(moved);
    renumber(records);
  };
}

function childWith(change: object): Edit {
  return (records) => {
    const place = records.findIndex((record) => record.process.depth === 1);
    const record = records[place];
    if (record !== undefined) records[place] = { ...record, process: { ...record.process, ...change } };
  };
}

function asTheRoot(records: EventRecord[]): void {
  const root = records[0]?.process;
  records.forEach((record, place) => {
    if (root !== undefined && record.process.id.endsWith(".1")) records[place] = { ...record, process: root };
  });
}

describe("a broken recording is rejected by name", () => {
  for (const [what, scene, change, rule] of BROKEN) {
    test(`${what}: ${rule}`, () => {
      const records = recorded(scene);
      change(records);
      expect(rulesOf(records)[0]).toBe(rule);
    });
  }

  test("every rule has a recording that breaks it", () => {
    expect(new Set(BROKEN.map(([, , , rule]) => rule))).toEqual(new Set(Object.keys(EVENT_RULES)));
  });

  for (const name of SCENE_NAMES) {
    test(`${name}: whichever record is lost, it is noticed`, () => {
      const records = recorded(name);
      const unnoticed = records.filter(
        ({ event }, place) => !OPTIONAL.has(event) && checkEvents(records.toSpliced(place, 1)).length === 0,
      );
      expect(unnoticed.map(({ event, seq }) => `${event} #${seq}`)).toEqual([]);
    });

    test(`${name}: whichever record comes twice, it is noticed`, () => {
      const records = recorded(name);
      const unnoticed = records.filter(
        (record, place) => checkEvents(records.toSpliced(place, 0, record)).length === 0,
      );
      expect(unnoticed).toEqual([]);
    });

    test(`${name}: whichever two events of a process change places, it is noticed`, () => {
      const records = recorded(name);
      const swapped = records.flatMap((record, place) => {
        const next = records[place + 1];
        return next?.process.id === record.process.id ? [records.toSpliced(place, 2, next, record)] : [];
      });
      expect(swapped.filter((one) => checkEvents(one).length === 0)).toEqual([]);
    });
  }
});

test("a problem says which process, which event, and what is wrong", () => {
  const records = recorded("text");
  drop("run_start")(records);
  const [problem] = checkEvents(records);
  const turn = records[at(records, "turn_start")];
  expect(problem).toMatchObject({
    rule: "run_missing",
    processId: turn?.process.id,
    seq: turn?.seq,
    event: "turn_start",
  });
  expect(problem?.message).toContain(EVENT_RULES.run_missing);
});

test("a recording that stops in the middle passes as a partial one, at every place", () => {
  for (const name of SCENE_NAMES) {
    const records = recorded(name);
    for (let length = 0; length <= records.length; length++) {
      expect(checkEvents(records.slice(0, length), { partial: true })).toEqual([]);
    }
  }
});
