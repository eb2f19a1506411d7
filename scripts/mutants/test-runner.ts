import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface TestOutcome {
  /** `none`: there was no run of the tests to speak of. */
  readonly end: "passed" | "failed" | "hangs" | "none";
  /** The first test that failed, or what came instead of tests. */
  readonly why: string;
}

export interface TestRequest {
  /** Files or folders; empty for all tests. */
  readonly tests: readonly string[];
  /** The files of the tree that are not as they were copied. */
  readonly changed: readonly string[];
}

const WORKER = fileURLToPath(new URL("vitest-worker.ts", import.meta.url));

/** Runs tests of a tree, each time until the first failure, in one process that goes on from run to run. */
export class TestRunner {
  readonly #tree: string;
  #worker: Worker | undefined;
  #changed: readonly string[] = [];

  constructor(tree: string) {
    this.#tree = tree;
  }

  /** Whatever still runs after `limitMs` is killed. */
  async run(request: TestRequest, limitMs: number): Promise<TestOutcome> {
    const missing = request.tests.find((path) => !existsSync(join(this.#tree, path)));
    if (missing !== undefined) return { end: "none", why: `there is no ${missing}` };
    this.#worker ??= await start(this.#tree);
    const { child, ended } = this.#worker;
    // Those of the run before are as they were again.
    child.send({ tests: request.tests, changed: [...this.#changed, ...request.changed] } satisfies TestRequest);
    this.#changed = request.changed;
    let timer: NodeJS.Timeout | undefined;
    const time = new Promise<TestOutcome>((resolve) => {
      timer = setTimeout(() => resolve({ end: "hangs", why: "no end within its time" }), limitMs);
    });
    // A border post: the worker sends nothing else.
    const answer = once(child, "message").then(([message]) => message as TestOutcome);
    const outcome = await Promise.race([answer, ended, time]);
    clearTimeout(timer);
    if (outcome.end === "hangs" || child.exitCode !== null) this.close();
    return outcome;
  }

  close(): void {
    const { child } = this.#worker ?? {};
    // It leads a process group, so that no process of a hanging run outlives it.
    if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    this.#worker = undefined;
  }
}

interface Worker {
  readonly child: ChildProcess;
  readonly ended: Promise<TestOutcome>;
}

async function start(tree: string): Promise<Worker> {
  const env = { ...process.env, CI: "true" };
  const child = fork(WORKER, { cwd: tree, stdio: ["ignore", "ignore", "ignore", "ipc"], detached: true, env });
  const ended = once(child, "exit").then(() => ({ end: "none", why: "the process of the tests ended" }) as const);
  await Promise.race([once(child, "message"), ended]);
  return { child, ended };
}
