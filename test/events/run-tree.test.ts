import { describe, expect, test } from "vitest";
import type { TreeEvent, TreeProcess } from "../../src/events/run-tree.ts";
import { outermostRun, RunTree } from "../../src/events/run-tree.ts";

type Step = readonly [event: TreeEvent["event"], id: string, more?: Omit<Partial<TreeEvent>, "event" | "process">];

const event = ([name, id, more]: Step): TreeEvent => {
  const parentId = id.includes(".") ? id.slice(0, id.lastIndexOf(".")) : undefined;
  return { event: name, process: { id, parentId }, ...more };
};

/** A tree that has heard these. */
const treeOf = (...steps: readonly Step[]) => {
  const tree = new RunTree<TreeEvent>();
  for (const step of steps) tree.hear(event(step));
  return tree;
};

const ids = (processes: Iterable<TreeProcess<TreeEvent>>) => Array.from(processes, ({ start }) => start.process.id);
const callsOf = (tree: RunTree<TreeEvent>, id: string) => [...(tree.get(id)?.run?.calls.keys() ?? [])];
/** Whose run the run of this process is a part of. */
const outermostOf = (tree: RunTree<TreeEvent>, id: string) => {
  const run = tree.get(id)?.run;
  return run && outermostRun(run).of.start.process.id;
};

describe("what is under way", () => {
  test("a run with its turn and its attempt", () => {
    const tree = treeOf(["run_start", "a"], ["turn_start", "a", { turn: 1 }], ["api_request", "a", { attempt: 2 }]);
    expect(tree.get("a")?.run).toMatchObject({ turn: 1, isInTurn: true, attempt: 2 });
    tree.hear(event(["api_response", "a", { turn: 1, attempt: 2 }]));
    tree.hear(event(["turn_end", "a", { turn: 1 }]));
    expect(tree.get("a")?.run).toMatchObject({ turn: 1, isInTurn: false, attempt: undefined });
  });

  test("calls that run in parallel, in the order of their starts, until each one's own end", () => {
    const tree = treeOf(
      ["run_start", "a"],
      ["tool_start", "a", { callId: "x" }],
      ["tool_start", "a", { callId: "y" }],
      ["tool_start", "a", { callId: "z" }],
    );
    expect(callsOf(tree, "a")).toEqual(["x", "y", "z"]);
    tree.hear(event(["tool_end", "a", { callId: "y" }]));
    expect(callsOf(tree, "a")).toEqual(["x", "z"]);
  });

  test("a child knows the call that made it, also among several, and the run that it belongs to", () => {
    const tree = treeOf(
      ["run_start", "a"],
      ["tool_start", "a", { callId: "x" }],
      ["tool_start", "a", { callId: "y" }],
      ["process_start", "a.1", { callId: "x" }],
      ["process_start", "a.2", { callId: "y" }],
    );
    expect(tree.get("a.1")?.maker?.start.callId).toBe("x");
    expect(tree.get("a.2")?.maker?.start.callId).toBe("y");
    expect(tree.get("a.2")?.owner).toBe(tree.get("a")?.run);
    expect(ids(tree.get("a")?.children ?? [])).toEqual(["a.1", "a.2"]);
  });

  test("a child that host code made belongs to no run, and no call made it", () => {
    const child = treeOf(["run_start", "a"], ["tool_start", "a", { callId: "x" }], ["process_start", "a.1"]).get("a.1");
    expect(child?.parent?.start.process.id).toBe("a");
    expect(child?.owner).toBeUndefined();
    expect(child?.maker).toBeUndefined();
  });
});

describe("where an event stands", () => {
  test("an end stands in the run, and at the call, that it ends", () => {
    const tree = treeOf(["run_start", "a", { runId: "r1" }], ["tool_start", "a", { runId: "r1", callId: "x" }]);
    const ended = tree.hear(event(["tool_end", "a", { runId: "r1", callId: "x" }]));
    expect(ended.call?.start.event).toBe("tool_start");
    expect(tree.hear(event(["run_end", "a", { runId: "r1" }])).run).toBe(ended.run);
  });

  test("what a process says between its runs stands in none", () => {
    const tree = treeOf(["run_start", "a"], ["run_end", "a"]);
    expect(tree.hear(event(["stderr_write", "a"])).run).toBeUndefined();
  });
});

describe("what was not heard", () => {
  test("a run is taken up in the middle at the first event that only a run can raise", () => {
    const tree = treeOf(["stderr_write", "a"]);
    expect(tree.get("a")).toBeUndefined();
    tree.hear(event(["tool_start", "a", { runId: "r7", turn: 4, callId: "x" }]));
    expect(tree.get("a")?.run).toMatchObject({ turn: 4, start: { event: "tool_start" } });
    expect(callsOf(tree, "a")).toEqual(["x"]);
  });

  test("who knows that an event is of a run takes it up at any", () => {
    const tree = treeOf();
    const run = tree.hearInRun(event(["turn_end", "a", { runId: "r7", turn: 4 }]));
    expect(run).toMatchObject({ turn: 4, isInTurn: false });
    expect(tree.hearInRun(event(["turn_start", "a", { runId: "r7", turn: 5 }]))).toBe(run);
  });

  test("another run is another, also where the end of the last and its own start were not heard", () => {
    const tree = treeOf(
      ["run_start", "a", { runId: "r1" }],
      ["tool_start", "a", { runId: "r1", callId: "x" }],
      ["turn_start", "a", { runId: "r2", turn: 1 }],
    );
    expect(tree.get("a")?.run?.start.runId).toBe("r2");
    expect(callsOf(tree, "a")).toEqual([]);
    tree.hear(event(["run_end", "a", { runId: "r2" }]));
    expect(ids(tree.processes)).toEqual([]);
  });

  test("a child is heard before its parent, and is its child from then on", () => {
    const tree = treeOf(["run_start", "a.1.1"], ["run_start", "a.2"]);
    expect(tree.get("a.1.1")?.parent).toBeUndefined();
    tree.hear(event(["turn_start", "a.1"]));
    expect(tree.get("a.1.1")?.parent).toBe(tree.get("a.1"));
    tree.hear(event(["turn_start", "a"]));
    expect(ids(tree.get("a")?.children ?? [])).toEqual(["a.2", "a.1"]);
  });
});

describe("the run that a run is a part of", () => {
  test("is that of the outermost process above it", () => {
    const tree = treeOf(["run_start", "a"], ["run_start", "a.1"], ["run_start", "a.1.1"], ["run_start", "b"]);
    expect(outermostOf(tree, "a.1.1")).toBe("a");
    expect(outermostOf(tree, "a")).toBe("a");
    expect(outermostOf(tree, "b")).toBe("b");
  });

  test("ends below the first process that does not run", () => {
    const tree = treeOf(["run_start", "a"], ["process_start", "a.1"], ["run_start", "a.1.1"], ["run_start", "a.1.1.1"]);
    expect(outermostOf(tree, "a.1.1.1")).toBe("a.1.1");
    tree.hear(event(["run_start", "a.1"]));
    expect(outermostOf(tree, "a.1.1.1")).toBe("a");
  });
});

describe("what is let go", () => {
  test("a process that is closed, and all below it", () => {
    const tree = treeOf(["run_start", "a"], ["run_start", "a.1"], ["run_end", "a.1"], ["process_start", "a.1.1"]);
    tree.hear(event(["process_end", "a.1"]));
    expect(ids(tree.processes)).toEqual(["a"]);
    expect(ids(tree.get("a")?.children ?? [])).toEqual([]);
  });

  test("a tree in which no run is under way: its processes may never be closed", () => {
    const tree = treeOf(["process_start", "a"], ["run_start", "a"], ["process_start", "a.1"], ["run_start", "a.1"]);
    tree.hear(event(["run_end", "a"]));
    expect(ids(tree.processes)).toEqual(["a", "a.1"]);
    tree.hear(event(["run_end", "a.1"]));
    expect(ids(tree.processes)).toEqual([]);
    tree.hear(event(["process_start", "a.2"]));
    tree.hear(event(["stderr_write", "a"]));
    expect(ids(tree.processes)).toEqual([]);
  });

  test("a tree whose last run is under way in a child that was heard before its parent is not", () => {
    const tree = treeOf(["run_start", "a.1"], ["run_start", "a"], ["run_end", "a"]);
    expect(ids(tree.processes)).toEqual(["a.1", "a"]);
    tree.hear(event(["process_end", "a.1"]));
    expect(ids(tree.processes)).toEqual([]);
  });

  test("a child without a parent, when its own run is over", () => {
    const tree = treeOf(["run_start", "a.1"], ["run_end", "a.1"], ["run_start", "a"]);
    expect(ids(tree.processes)).toEqual(["a"]);
    expect(ids(tree.get("a")?.children ?? [])).toEqual([]);
  });
});
