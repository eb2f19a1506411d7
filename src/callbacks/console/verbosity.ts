/** How much the console says: only what went wrong, what is done, or every request and result too. */
export const VERBOSITY = { quiet: 0, normal: 1, verbose: 2 } as const;

export type Verbosity = keyof typeof VERBOSITY;
