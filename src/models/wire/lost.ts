/**
 * The network failed: nothing came, or no more. Whatever else is thrown while a request is under way is no fault of the
 * connection's, and is never taken for one.
 */
export class Lost extends Error {
  /** There was nobody to speak to within the time for that. */
  readonly neverConnected: boolean;

  constructor(cause: unknown, { neverConnected = false }: { neverConnected?: boolean } = {}) {
    super("the connection failed", { cause });
    this.neverConnected = neverConnected;
  }
}
