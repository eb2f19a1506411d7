import { firstEvents } from "./dispatch.ts";
import { firstSteps } from "./loop.ts";
import { firstProcesses } from "./many.ts";

type Prepare = () => Promise<() => Promise<unknown>>;

/** What is measured cold, in a process that has done nothing before. */
export const FIRST: Readonly<Record<string, Readonly<Record<"floor" | "ours", Prepare>>>> = {
  "1,000 events, 3 sync handlers": firstEvents,
  "50 steps, 3 callbacks": firstSteps,
  "1,000 processes at once": firstProcesses,
};
