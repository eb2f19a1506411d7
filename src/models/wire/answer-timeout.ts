/** How long an answer may take that comes as a whole, in milliseconds: the time that the vendors' own SDKs give it. */
const ANSWER_TIMEOUT_MS = 600_000;

/** The same, where more is set for silence. */
export function answerTimeoutMs(idleTimeoutMs: number): number {
  return Math.max(ANSWER_TIMEOUT_MS, idleTimeoutMs);
}
