import type { ChildSeed, FinishedRun, ProcessSeed, RunSeed } from "../../events/seed.ts";

/** What was under way where the seed of a process was taken. It is gone on with when it is asked for again, each once. */
export class Earlier {
  #children: readonly ChildSeed[];
  #finished: readonly FinishedRun[];
  #run: RunSeed | undefined;

  constructor({ children = [], finished = [], run }: Pick<ProcessSeed, "children" | "finished" | "run">) {
    this.#children = children;
    this.#finished = finished;
    this.#run = run;
  }

  /** The first child that a call had made and that nobody has asked for. */
  takeChild(callId: string | undefined): ProcessSeed | undefined {
    const found = callId === undefined ? undefined : this.#children.find((child) => child.callId === callId);
    if (found !== undefined) this.#children = this.#children.filter((child) => child !== found);
    return found?.seed;
  }

  /** What a run came to. */
  takeFinishedRun(): FinishedRun | undefined {
    const [first, ...others] = this.#finished;
    this.#finished = others;
    return first;
  }

  /** The run to go on with. */
  takeRun(): RunSeed | undefined {
    const run = this.#run;
    this.#run = undefined;
    return run;
  }
}
