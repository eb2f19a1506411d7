import type { ProcessView } from "../../src/events/process-view.ts";
import type { RunResult } from "../../src/events/run-result.ts";
import type { ChildProcess, ToolContext } from "../../src/process/contract/tool.ts";

/** How a child of the context behaves, by the prompt that it gets. */
export type ChildRun = (prompt: string, closed: Promise<never>) => Promise<string>;

/** What happened in a context, for tests to look at. */
export interface ContextLog {
  readonly stderr: string[];
  readonly spawned: (string | undefined)[];
  /** Children started, those now running, the most that ran at once, and those closed. */
  started: number;
  running: number;
  peak: number;
  closed: number;
}

/** A tool's surroundings without the loop: children answer by `run`, and `start` may refuse one. */
export function toolContext(
  run: ChildRun = async (prompt) => `done: ${prompt}`,
  { signal = new AbortController().signal, start = () => {} }: { signal?: AbortSignal; start?: () => void } = {},
): { context: ToolContext; log: ContextLog } {
  const log: ContextLog = { stderr: [], spawned: [], started: 0, running: 0, peak: 0, closed: 0 };
  const child = async () => {
    start();
    log.started += 1;
    return makeChild(run, log);
  };
  const context: ToolContext = {
    signal,
    callId: "call_1",
    process: {
      id: "root",
      name: "test",
      linkedPrograms: [],
      limits: {},
      writeStderr: (text) => {
        log.stderr.push(text);
      },
      readResult: (reference) => reference,
      forkProcess: child,
      spawnProcess: (program) => {
        log.spawned.push(program);
        return child();
      },
    },
  };
  return { context, log };
}

function makeChild(run: ChildRun, log: ContextLog): ChildProcess {
  const closing = Promise.withResolvers<never>();
  closing.promise.catch(() => {});
  const child: Pick<ChildProcess, "run" | "close"> = {
    async run(prompt) {
      log.running += 1;
      log.peak = Math.max(log.peak, log.running);
      try {
        // Tools read nothing else of a result.
        return {
          lastMessage: await run(typeof prompt === "string" ? prompt : JSON.stringify(prompt), closing.promise),
        } as RunResult;
      } finally {
        log.running -= 1;
      }
    },
    async close() {
      log.closed += 1;
      closing.reject(new Error("The process was closed."));
    },
  };
  // Tools use nothing else of a child.
  return child as ChildProcess & ProcessView;
}
