import type { Message } from "../events/message.ts";
import { deepCopy, deepFreeze } from "../json.ts";

/**
 * A conversation. Histories share their messages: whoever is at the tip of the shared list appends in place, whoever
 * is not copies the references first. So a fork copies nothing, and a turn costs the same however long the
 * conversation is.
 */
export class History {
  #shared: Message[] = [];
  #length = 0;
  #view: readonly Message[] | undefined;

  /** A conversation to go on with: its own frozen copy. */
  static of(messages: readonly Message[]): History {
    const history = new History();
    for (const message of messages) history.append(deepFreeze(deepCopy(message)));
    return history;
  }

  get length(): number {
    return this.#length;
  }

  /** Frozen; made when asked for, and the same list until the history changes. */
  get messages(): readonly Message[] {
    this.#view ??= Object.freeze(this.#shared.slice(0, this.#length));
    return this.#view;
  }

  /** `message` is deeply frozen already. */
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
    this.#view = undefined;
  }

  fork(): History {
    const copy = new History();
    copy.#shared = this.#shared;
    copy.#length = this.#length;
    copy.#view = this.#view;
    return copy;
  }
}
