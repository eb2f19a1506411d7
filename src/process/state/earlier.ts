import { isDeepStrictEqual } from "node:util";
import { describe, LLMProcError } from "../../errors.ts";
import type { Prompt } from "../../events/message.ts";
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

  /** Whether a call had made children that nobody has asked for. */
  hasChildren(callId: string): boolean {
    return this.#children.length > 0 && this.#children.some((child) => child.callId === callId);
  }

  /** The first child that a call had made and that nobody has asked for. */
  takeChild(callId: string | undefined): ProcessSeed | undefined {
    const found = callId === undefined ? undefined : this.#children.find((child) => child.callId === callId);
    if (found !== undefined) this.#children = this.#children.filter((child) => child !== found);
    return found?.seed;
  }

  /** What a run for this prompt came to. Whoever asks for something else gets no old answer, now or later. */
  takeFinishedRun(prompt: Prompt): FinishedRun | undefined {
    const [first, ...others] = this.#finished;
    const isThis = first !== undefined && isSame(first.prompt, prompt);
    this.#finished = isThis ? others : [];
    return isThis ? first : undefined;
  }

  /** The run to go on with. @throws LLMProcError `run_invalid` if it answers something else */
  takeRun(prompt: Prompt): RunSeed | undefined {
    const run = this.#run;
    if (run !== undefined && !isSame(run.prompt, prompt)) throw otherPrompt(run, prompt);
    this.#run = undefined;
    return run;
  }
}

/** Either may have been JSON in between. */
function isSame(a: Prompt, b: Prompt): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b));
}

function asJson(prompt: Prompt): unknown {
  return typeof prompt === "string" ? prompt : JSON.parse(JSON.stringify(prompt));
}

function otherPrompt({ runId, prompt: earlier }: RunSeed, prompt: Prompt): LLMProcError {
  return new LLMProcError(
    "run_invalid",
    `Run ${runId} is under way and answers ${quoted(earlier)}, not ${quoted(prompt)}. Go on with it first: run() the prompt that it answers.`,
  );
}

function quoted(prompt: Prompt): string {
  return typeof prompt === "string" ? `"${describe(prompt)}"` : describe(prompt);
}
