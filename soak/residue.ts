import { getActiveResourcesInfo } from "node:process";

/** Grown by so much since everything was warm, the heap is taken to leak. */
const LEAK_MEGABYTES = 8;

/** What is left over when all processes are closed: sampled again and again, it must not grow. */
export class Residue {
  readonly #heap: number[] = [];
  #handles: string | undefined;
  readonly problems: string[] = [];

  async sample(): Promise<void> {
    const handles = openHandles();
    this.#handles ??= handles;
    if (handles !== this.#handles)
      this.problems.push(`what keeps Node alive went from "${this.#handles}" to "${handles}"`);
    let megabytes = 0;
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc?.();
      megabytes = process.memoryUsage().heapUsed / 1e6;
    }
    this.#heap.push(megabytes);
  }

  /** From the time when all code has run, to the end. */
  get grownMegabytes(): number {
    const warm = this.#heap[Math.floor(this.#heap.length / 4)] ?? 0;
    return (this.#heap.at(-1) ?? 0) - warm;
  }

  get megabytes(): number {
    return this.#heap.at(-1) ?? 0;
  }

  finish(): readonly string[] {
    if (globalThis.gc === undefined) return [...this.problems, "memory was not measured: run Node with --expose-gc"];
    if (this.grownMegabytes <= LEAK_MEGABYTES) return this.problems;
    const samples = this.#heap.map((megabytes) => megabytes.toFixed(1)).join(" ");
    return [...this.problems, `the heap grew by ${this.grownMegabytes.toFixed(1)} MB: ${samples}`];
  }
}

/** Without the pipes of the program itself. */
function openHandles(): string {
  return getActiveResourcesInfo()
    .filter((kind) => !/Pipe|TTY|File/.test(kind))
    .join(" ");
}
