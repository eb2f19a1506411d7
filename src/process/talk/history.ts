import type { Message } from "../../events/message.ts";
import { deepFreeze } from "../../json.ts";

/** Messages that histories share, and how many of them, from the first on, are frozen: known to all that share them. */
interface SharedMessages {
  readonly list: Message[];
  frozen: number;
}

/**
 * A conversation. Histories share their messages: whoever is at the tip of the shared list appends in place, whoever
 * is not copies the references first. So a fork copies nothing, and a turn costs the same however long the
 * conversation is.
 */
export class History {
  #shared: SharedMessages;
  #length: number;
  #view: readonly Message[] | undefined;

  private constructor(shared: SharedMessages, length: number) {
    this.#shared = shared;
    this.#length = length;
  }

  /** A conversation to go on with: another's fork, or a list, which it owns from here on. */
  static of(messages: History | readonly Message[]): History {
    if (messages instanceof History) return messages;
    return new History({ list: [...messages], frozen: 0 }, messages.length);
  }

  get length(): number {
    return this.#length;
  }

  /** The last message; undefined where there is none. It need not be frozen yet. */
  get last(): Message | undefined {
    return this.#shared.list[this.#length - 1];
  }

  /** Made when asked for, and the same list until the history changes. Each message is frozen before it is first seen. */
  get messages(): readonly Message[] {
    if (this.#view === undefined) {
      const shared = this.#shared;
      for (; shared.frozen < this.#length; shared.frozen++) deepFreeze(shared.list[shared.frozen]);
      this.#view = Object.freeze(shared.list.slice(0, this.#length));
    }
    return this.#view;
  }

  /** Its messages from there on; they are frozen. */
  from(start: number): readonly Message[] {
    return Object.freeze(this.#shared.list.slice(start, this.#length).map(deepFreeze));
  }

  /** The history owns `message` from here on. */
  append(message: Message): void {
    const { list, frozen } = this.#shared;
    if (list.length !== this.#length) {
      this.#shared = { list: list.slice(0, this.#length), frozen: Math.min(frozen, this.#length) };
    }
    this.#shared.list.push(message);
    this.#length++;
    this.#view = undefined;
  }

  /** Takes back what was appended since it had `length` messages. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#length = length;
    this.#view = undefined;
  }

  toJSON(): readonly Message[] {
    return this.messages;
  }

  fork(): History {
    const copy = new History(this.#shared, this.#length);
    copy.#view = this.#view;
    return copy;
  }
}
