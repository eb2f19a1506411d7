/** How long a server may be silent before and in a stream, in milliseconds, unless the program says otherwise. */
export const USUAL_IDLE_MS = 60_000;

/** How long it may take until there is somebody to speak to, in milliseconds. */
export const CONNECT_MS = 10_000;

/** How long an answer may take that comes as a whole, in milliseconds: the time that the vendors' own SDKs give it. */
const ANSWER_TIMEOUT_MS = 600_000;

/** The same, where more is set for silence. */
export function answerTimeoutMs(idleTimeoutMs: number): number {
  return Math.max(ANSWER_TIMEOUT_MS, idleTimeoutMs);
}
