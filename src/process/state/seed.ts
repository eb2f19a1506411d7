import type { ProcessSeed } from "../../events/seed.ts";
import type { CountedSource } from "../money/payer.ts";
import type { History } from "../talk/history.ts";

/** What a process starts from; a fork shares its parent's conversation, and its last request. */
export interface StartSeed extends Omit<ProcessSeed, "id" | "messages" | "counted"> {
  /** A new root has none yet. */
  readonly id?: string | undefined;
  readonly messages: History | ProcessSeed["messages"];
  readonly counted?: CountedSource | undefined;
}
