import type { Message } from "../events/message.ts";
import { deepCopy, deepFreeze } from "../json.ts";

/**
 * A conversation. Histories share their messages: whoever is at the tip of the shared list appends in place, whoever
 * is not copies the references first. So a fork copies nothing, and a turn costs the same however long the
 * conversation is.
 */
export class History {
  #shared: Message[];
  #length: number;
  /** So many messages from the first on are frozen. */
  #frozen = 0;
  #view: readonly Message[] | undefined;

  private constructor(shared: Message[], length: number) {
    this.#shared = shared;
    this.#length = length;
  }

  /** A conversation to go on with: its own copy. */
  static of(messages: readonly Message[]): History {
    return new History(messages.map(deepCopy), messages.length);
  }

  get length(): number {
    return this.#length;
  }

  /** Made when asked for, and the same list until the history changes. Each message is frozen before it is first seen. */
  get messages(): readonly Message[] {
    if (this.#view === undefined) {
      for (; this.#frozen < this.#length; this.#frozen++) deepFreeze(this.#shared[this.#frozen]);
      this.#view = Object.freeze(this.#shared.slice(0, this.#length));
    }
    return this.#view;
  }

  /** The history owns `message` from here on. */
  append(message: Message): void {
    if (this.#shared.length !== this.#length) this.#shared = this.#shared.slice(0, this.#length);
    this.#shared.push(message);
    this.#length++;
    this.#view = undefined;
  }

  /** Takes back what was appended since it had `length` messages. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#length = length;
    this.#frozen = Math.min(this.#frozen, length);
    this.#view = undefined;
  }

  fork(): History {
    const copy = new History(this.#shared, this.#length);
    copy.#frozen = this.#frozen;
    copy.#view = this.#view;
    return copy;
  }
}
