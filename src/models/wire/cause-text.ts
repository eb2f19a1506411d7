import { errorText } from "../../text/error-text.ts";
import { oneLine } from "./error-body.ts";

/** What a cause says, on one line, with its code. */
export function causeText(error: unknown): string {
  return oneLine(errorText(error));
}
