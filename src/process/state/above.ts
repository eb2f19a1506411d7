import type { Dispatcher } from "../../dispatch/dispatcher.ts";
import type { VetoRecord } from "../../events/run-result.ts";
import type { Counted } from "../../events/run-tally.ts";
import type { Tally } from "../../events/tally.ts";
import type { RunEnd } from "../contract/run-end.ts";
import type { Account } from "../money/account.ts";

/**
 * What a process needs of what is above it: of the run whose tool made it, or of the process whose host did. It asks
 * there (callbacks above hear it), counts there, reserves there, and is admitted there.
 */
export interface Above {
  /** The process whose child it is. */
  readonly processId: string;
  readonly rootId: string;
  readonly depth: number;
  readonly dispatcher: Dispatcher;
  /** What it runs. */
  readonly programKey: string;
  /** What all below it may come to; undefined where nothing limits them. */
  readonly account: Account | undefined;
  /** Tool calls of one reply that run at the same time. */
  readonly parallelCalls: number;
  /** The run that ends those who were made for it; undefined for the children of a host. */
  readonly run: RunAbove | undefined;
  /** Counts for everybody above. `user` is whom runs count it for; undefined where it works for none of them. */
  count(count: (tally: Tally) => void, user: Counted | undefined): void;
  countVeto(veto: VetoRecord): void;
  /** Makes room for one more below. @throws LLMProcError `child_limit`; the message is for models, too */
  admit(child: Newcomer): void;
  /** It is made, and ends with whoever made it. */
  adopt(child: Below): void;
  /** One below is closed: a child of it where it is given. */
  release(child?: Below): void;
  /** Whether a process of this program is there or above: what that brings along is inherited. */
  runs(programKey: string): boolean;
  /** Something to wait for while somebody who pulls records is too far behind; undefined if there is room. */
  watcherRoom(): Promise<void> | undefined;
}

/** What a process needs of the run that it was made for. */
export interface RunAbove {
  readonly aborted: boolean;
  readonly signal: AbortSignal;
  readonly stopping: boolean;
  abortEnd(): RunEnd;
  /** Waits, but not longer than until the run is aborted. */
  interruptible<T>(promise: PromiseLike<T>): Promise<T>;
}

/** A child that is about to be made. */
export interface Newcomer {
  readonly id: string;
  readonly depth: number;
  /** Whether a run makes it, and not its host. */
  readonly isOfRun: boolean;
}

/** What a process, or a run, needs of those below it. */
export interface Below {
  /** Ends its run gently. */
  stop(reason: string): void;
  /** Ends its run as soon as it can. */
  abort(reason: unknown): void;
  /** Settles when every callback has heard every event of it, and of all below it, so far: false where some were missed. */
  flush(): Promise<boolean>;
  /** Ends it, and all below it. Takes no longer than until then, on the monotonic clock. */
  close(dueMs?: number): Promise<void>;
}
