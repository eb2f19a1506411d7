import process from "node:process";
import type { EventInfo } from "../../events/event-info.ts";
import type { ConsoleStream } from "./live-region.ts";

/** Something that draws on a terminal. */
export interface View {
  /** Takes what it draws off the screen, and keeps what it has to say. */
  standStill(): void;
  /** The call that `info` is about has waited for a person until now. */
  waited(info: EventInfo): void;
  /** Draws again. */
  goOn(): void;
}

/** Gives the terminal back. */
export type Release = () => void;

/**
 * Who may write on a terminal. Views draw as they like until somebody takes the floor to ask a question; they stand
 * still until it is given back, and the next who waits for it gets it.
 */
export class Floor {
  readonly #views = new Set<View>();
  #queue: readonly (() => void)[] = [];
  #taken = false;

  /** Somebody asks: views must not draw. */
  get taken(): boolean {
    return this.#taken;
  }

  /** A view that has something on the screen, or something to say. */
  join(view: View): void {
    this.#views.add(view);
  }

  leave(view: View): void {
    this.#views.delete(view);
  }

  /** Resolves when it is this one's turn; at once, and without the floor, when `info.signal` aborts. */
  take(info: EventInfo): Promise<Release> {
    const { signal } = info;
    if (signal.aborted) return Promise.resolve(NOTHING_TAKEN);
    if (!this.#taken) return Promise.resolve(this.#hand(info));
    return new Promise((resolve) => {
      const enter = () => {
        signal.removeEventListener("abort", leave);
        resolve(this.#hand(info));
      };
      const leave = () => {
        this.#queue = this.#queue.filter((one) => one !== enter);
        this.#tell(info);
        resolve(NOTHING_TAKEN);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#queue = [...this.#queue, enter];
    });
  }

  #hand(info: EventInfo): Release {
    this.#taken = true;
    for (const view of this.#views) view.standStill();
    // The call is over with its signal, before the floor is given back.
    const tell = () => this.#tell(info);
    info.signal.addEventListener("abort", tell, { once: true });
    let isGiven = true;
    return () => {
      if (!isGiven) return;
      isGiven = false;
      this.#taken = false;
      info.signal.removeEventListener("abort", tell);
      tell();
      // What was kept is shown before the next question.
      for (const view of [...this.#views]) view.goOn();
      const [next, ...rest] = this.#queue;
      this.#queue = rest;
      next?.();
    };
  }

  #tell(info: EventInfo): void {
    for (const view of this.#views) view.waited(info);
  }
}

/** The floor of the terminal that a stream writes to. What stdout and stderr write stands on one screen. */
export function floorOf(stream: ConsoleStream): Floor {
  const key = stream === process.stdout ? process.stderr : stream;
  let floor = floors.get(key);
  if (floor === undefined) {
    floor = new Floor();
    floors.set(key, floor);
  }
  return floor;
}

/**
 * Lets whatever `consoleLog` draws on a terminal stand still, so that a callback of yours can ask a question there. It
 * resolves when no other question is being asked; call what it resolves with when yours is answered. Once
 * `info.signal` has aborted, it resolves at once and holds nothing: look at it before you ask.
 *
 * @example
 * const release = await holdConsole(info);
 * try {
 *   if (!info.signal.aborted) ok = await ask("Really?", { signal: info.signal });
 * } finally {
 *   release();
 * }
 */
export function holdConsole(info: EventInfo, stream: ConsoleStream = process.stderr): Promise<Release> {
  return floorOf(stream).take(info);
}

const NOTHING_TAKEN: Release = () => {};

/** A floor belongs to its stream, and goes with it. */
const floors = new WeakMap<ConsoleStream, Floor>();
