import type { PromptBlock } from "../../events/message.ts";
import type { History } from "../talk/history.ts";

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
  /** How long the conversation was with it. */
  #length = 0;

  say(blocks: readonly PromptBlock[]): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting = [...this.#waiting, { blocks, settle: resolve }];
    });
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Puts all of it in as one message: some servers take no two of a user's in a row. */
  putInto(history: History): void {
    history.append({ role: "user", content: this.#waiting.flatMap(({ blocks }) => blocks) });
    this.#sent = this.#waiting;
    this.#waiting = [];
    this.#length = history.length;
  }

  /** A turn is over. */
  look(history: History): void {
    if (history.length === this.#length) return;
    for (const { settle } of this.#sent) settle(true);
    this.#sent = [];
  }

  /** The run is over: what has no answer by now gets none. */
  end(history: History): void {
    this.look(history);
    for (const { settle } of [...this.#sent, ...this.#waiting]) settle(false);
    this.#sent = [];
    this.#waiting = [];
  }
}
