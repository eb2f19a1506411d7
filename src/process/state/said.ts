import type { PromptBlock } from "../../events/message.ts";

interface Saying {
  readonly blocks: readonly PromptBlock[];
  /** Whether the model has answered it. */
  settle(isAnswered: boolean): void;
}

/** What is said to a process in the midst of a run, on its way into the conversation. */
export class Said {
  #waiting: readonly Saying[] = [];
  /** Stands in the conversation, and has no reply yet. */
  #sent: readonly Saying[] = [];

  say(blocks: readonly PromptBlock[]): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { blocks, settle: resolve }];
    });
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get isUnanswered(): boolean {
    return this.#sent.length > 0;
  }

  /** All of it as one message: some servers take no two of a user's in a row. */
  take(): readonly PromptBlock[] {
    this.#sent = this.#waiting;
    this.#waiting = [];
    return this.#sent.flatMap(({ blocks }) => blocks);
  }

  /** A reply has come, or a part of one. */
  answered(): void {
    for (const { settle } of this.#sent) settle(true);
    this.#sent = [];
  }

  /** The run is over: what has no answer by now gets none. */
  end(): void {
    for (const { settle } of [...this.#sent, ...this.#waiting]) settle(false);
    this.#sent = [];
    this.#waiting = [];
  }
}
