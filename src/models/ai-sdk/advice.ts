/** What to do about a failure, in sentences that follow what happened. Empty where there is nothing to say. */
export interface Advice {
  forStatus(status: number, said: string): string;
  /** Where nobody is there, or nobody of that name. */
  readonly forUnreached: string;
  /** Where a web page came in place of a reply. */
  readonly forPage: string;
}

export interface AdviceFacts {
  /** Of the model. */
  readonly name: string;
  /** Where the request went, without secrets, where that is known. */
  readonly address: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
}

export function adviceOf({ name, address, keyAdvice }: AdviceFacts): Advice {
  const where = address === undefined ? "that the package's model was made with" : address;
  return {
    forStatus(status, said) {
      // Google answers 400 where a key is wrong.
      if (status === 401 || status === 403 || (status === 400 && /\bapi[ _]?key\b/i.test(said))) return ` ${keyAdvice}`;
      return status === 404 ? ` Check the model's name "${name}" and the address ${where}.` : "";
    },
    forUnreached: ` Check the address ${where}, and that its server runs.`,
    forPage: ` Check the address ${where}.`,
  };
}

/** The host that an error of a package says it has asked. */
export function addressIn(thrown: unknown): string | undefined {
  let next = thrown;
  for (let depth = 0; depth < 8 && typeof next === "object" && next !== null; depth++) {
    // A border post: any object may be asked for its fields.
    const { url, cause } = next as Record<string, unknown>;
    if (typeof url === "string" && URL.canParse(url)) return new URL(url).origin;
    next = cause;
  }
  return undefined;
}
