import type { JsonObject } from "../../json.ts";
import type { Additions } from "./additions.ts";

export interface WireRequest {
  /** The body, deeply frozen. */
  readonly payload: JsonObject;
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
  /** What of the payload was added here, so that the server may refuse it. */
  readonly added: JsonObject;
  readonly additions: Additions;
}
