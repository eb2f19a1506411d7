import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { Tally } from "../../events/tally.ts";
import type { Account } from "../money/account.ts";
import type { Above, Below, Newcomer } from "./above.ts";
import type { RunOwner } from "./run.ts";

/** What the children of a process's host need of it: they work for none of its runs. */
export class HostSide implements Above {
  readonly run = undefined;
  readonly #process: RunOwner;

  constructor(process: RunOwner) {
    this.#process = process;
  }

  get processId(): string {
    return this.#process.id;
  }
  get rootId(): string {
    return this.#process.rootId;
  }
  get depth(): number {
    return this.#process.depth;
  }
  get dispatcher(): Dispatcher {
    return this.#process.dispatcher;
  }
  get account(): Account | undefined {
    return this.#process.account;
  }
  get programKey(): string {
    return this.#process.program.key;
  }
  get parallelCalls(): number {
    return this.#process.parallelCalls;
  }

  count(count: (tally: Tally) => void): void {
    this.#process.countBelow(count, undefined);
  }

  /** Vetoes are those of runs. */
  countVeto(): void {}

  admit(child: Newcomer): void {
    this.#process.admitBelow(child, undefined);
  }

  adopt(child: Below): void {
    this.#process.children.add(child);
  }

  release(child?: Below): void {
    if (child !== undefined) this.#process.children.delete(child);
    this.#process.releaseBelow(undefined);
  }

  runs(programKey: string): boolean {
    return this.#process.runs(programKey);
  }

  watcherRoom(): undefined {
    return undefined;
  }
}
