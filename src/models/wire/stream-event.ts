import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** Whether an object is an event of a stream in one of the formats, and not a whole answer. */
export function isStreamEvent({ type, object, choices }: JsonObject): boolean {
  if (object === "chat.completion.chunk") return true;
  if (typeof type === "string") return /^(message_(start|delta|stop)|content_block_|ping$|response\.)/.test(type);
  return (
    Array.isArray(choices) &&
    (choices as readonly JsonValue[]).some((one) => isJsonObject(one) && isJsonObject(one.delta))
  );
}

/** Lines of JSON, in pieces cut anywhere, as the server-sent events that others send: put behind one that is begun. */
export function asEvents(lines: string): string {
  return lines.replaceAll("\n", `\n\n${EVENT}`);
}

/** The beginning of an event. */
export const EVENT = "data: ";
