/** An answer is larger than any reply can be. */
export class TooLarge extends Error {
  /** @param what the part of the answer, for the message */
  constructor(what: string, limit: number) {
    super(`${what} is larger than ${limit / 1_000_000} MB`);
  }
}
