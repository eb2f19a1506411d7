import type { Stream } from "@anthropic-ai/sdk/core/streaming";
import { describe } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { ModelIO } from "../process/model.ts";
import { ModelError } from "../process/model.ts";
import { AnthropicAssembly } from "./anthropic-assembly.ts";
import type { AnthropicConnection } from "./anthropic-connection.ts";
import { anthropicEventError, withUsage } from "./anthropic-error.ts";
import type { AnthropicMessageReply } from "./anthropic-reply.ts";
import { unreadable } from "./anthropic-reply.ts";

export interface AnthropicAnswerIO {
  readonly connection: AnthropicConnection;
  /** How the SDK reads server-sent events: before it parses them. */
  readonly rawEvents: typeof Stream.rawEvents;
  readonly onText: ModelIO["onText"];
  /** How long a stream may be silent, in milliseconds. Anthropic sends a `ping` now and then. */
  readonly idleTimeoutMs: number;
  /** Makes what the connection threw into what is to be thrown. */
  readonly toError: (thrown: unknown) => unknown;
}

/** The message in an answer, streamed or whole: its content type says which. */
export async function readAnthropicAnswer(response: Response, io: AnthropicAnswerIO): Promise<AnthropicMessageReply> {
  const type = response.headers.get("content-type") ?? "";
  if (/\bevent-stream\b/i.test(type)) return readStream(response, io);
  const text = await response.text().catch((thrown: unknown) => {
    throw io.toError(thrown);
  });
  try {
    const message = JSON.parse(text) as JsonValue;
    if (isJsonObject(message)) return { message, unparsed: new Map() };
  } catch {
    // Said below.
  }
  throw unreadable(`the answer (${type === "" ? "no content type" : describe(type)}) is no message`, text);
}

/** What `onText` throws is passed on untouched; all else that goes wrong carries what was billed until then. */
async function readStream(response: Response, io: AnthropicAnswerIO): Promise<AnthropicMessageReply> {
  const assembly = new AnthropicAssembly();
  let isOurs = true;
  try {
    for await (const event of streamedEvents(response, io, assembly)) {
      const text = assembly.add(event);
      if (text === undefined) continue;
      isOurs = false;
      const waited = io.onText(text);
      if (waited !== undefined) await waited;
      isOurs = true;
    }
    if (!assembly.complete)
      throw new ModelError("Anthropic's stream ended before the message did.", { connection: true });
    return assembly.result();
  } catch (error) {
    throw isOurs && error instanceof ModelError ? withUsage(error, assembly.usage) : error;
  }
}

/**
 * The events of a stream. After `message_stop` it waits a moment for the end, so that the connection can be used
 * again, and then no fault matters any more.
 */
async function* streamedEvents(
  response: Response,
  { connection, rawEvents, idleTimeoutMs, toError }: AnthropicAnswerIO,
  assembly: AnthropicAssembly,
): AsyncGenerator<JsonObject, void, void> {
  const events = rawEvents(response, connection.controller);
  for (;;) {
    connection.waitFor(assembly.complete ? LINGER_MS : idleTimeoutMs);
    let next: Awaited<ReturnType<typeof events.next>>;
    try {
      next = await events.next();
    } catch (thrown) {
      if (assembly.complete && !connection.runIsAborted) return;
      throw toError(thrown);
    }
    connection.received();
    if (next.done) return;
    const { event, data } = next.value;
    if (assembly.complete) continue;
    if (event === "error") throw anthropicEventError(data);
    if (data !== "") yield parsedEvent(data);
  }
}

const LINGER_MS = 250;

function parsedEvent(data: string): JsonObject {
  try {
    const event = JSON.parse(data) as JsonValue;
    if (isJsonObject(event)) return event;
  } catch {
    // Said below.
  }
  throw unreadable("an event of the stream is not a JSON object", data);
}
