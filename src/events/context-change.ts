import type { Message } from "./message.ts";

/** How a conversation was changed otherwise than by its turns. */
export interface ContextChange {
  /** `"said"`: somebody said something to the running process. */
  readonly kind: "said";
  /** The place of the first message that was taken out or put in. */
  readonly from: number;
  /** How many were taken out there. */
  readonly removed: number;
  /** What was put in there. */
  readonly added: readonly Message[];
}
