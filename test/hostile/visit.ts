import type { ServerResponse } from "node:http";
import type { Chance } from "../../soak/chance.ts";
import type { Voice } from "./voices.ts";

/** US dollars for a token. */
export const PRICES = { input: 3 / 1e6, output: 15 / 1e6 } as const;

/** What the program under test sends as its key: nobody may hear it again. */
export const KEY = "sk-hostile-0123456789-PLANTED";

/** One request, as a deed sees it. */
export interface Visit {
  readonly chance: Chance;
  readonly voice: Voice;
  readonly body: Readonly<Record<string, unknown>>;
  readonly outgoing: ServerResponse;
  /** Another server, which nobody has any business with. */
  readonly trapUrl: string;
  /** Bills the request, once, with so many tokens of output, and returns what an honest vendor would say of it. */
  bill(outputTokens: number): Bill;
  readonly maxTokens: number;
}

export interface Bill {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
