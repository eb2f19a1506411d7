/** One kind of endurance test. */
export interface Part {
  readonly name: string;
  /** Goes on until it has made so many turns, and returns what was wrong: nothing, if all is well. */
  run(options: PartOptions): Promise<readonly string[]>;
}

export interface PartOptions {
  readonly turns: number;
  readonly seed: number;
  /** Plays nothing but the scenario of this number, to look at a failure. */
  readonly only: number | undefined;
  report(line: string): void;
}
