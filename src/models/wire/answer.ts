import type { Stream } from "@anthropic-ai/sdk/core/streaming";
import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { ModelIO, Reply } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import type { Connection } from "./connection.ts";
import type { WireTarget } from "./wire-error.ts";
import { withUsage } from "./wire-error.ts";
import type { Assembly } from "./wire-format.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

export interface AnswerIO {
  readonly target: WireTarget;
  readonly connection: Connection;
  /** Reads server-sent events, before their data is parsed. */
  readonly rawEvents: typeof Stream.rawEvents;
  readonly onText: ModelIO["onText"];
  /** How long a stream may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Makes what was thrown on the way into what is to be thrown. */
  readonly toError: (thrown: unknown) => unknown;
}

/**
 * The reply in an answer, streamed or whole: its content type says which, not what was asked for.
 * @throws ModelError; what `onText` throws, as it is
 */
export async function readAnswer(response: Response, io: AnswerIO): Promise<Reply> {
  const type = response.headers.get("content-type") ?? "";
  if (/\bevent-stream\b/i.test(type)) return readStream(response, io);
  try {
    return io.target.format.reply(wholeAnswer(await response.text(), type));
  } catch (thrown) {
    throw io.toError(thrown);
  }
}

function wholeAnswer(text: string, type: string): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (!isJsonObject(answer)) {
    throw new Unreadable(`the answer (${type === "" ? "no content type" : describe(type)}) is no message`, text);
  }
  if (isError(answer)) throw new BrokenOff(answer);
  return answer;
}

/** What goes wrong before the reply is whole carries what was billed until then; what goes wrong later is no fault. */
async function readStream(response: Response, io: AnswerIO): Promise<Reply> {
  const { target, connection, toError } = io;
  const assembly = target.format.assembly();
  let isOurs = true;
  try {
    for await (const event of streamedEvents(watched(response, connection), io, assembly)) {
      const text = assembly.add(event);
      if (text === undefined) continue;
      isOurs = false;
      const waited = io.onText(text);
      if (waited !== undefined) await waited;
      isOurs = true;
    }
    if (!assembly.whole) {
      throw new ModelError(`${target.vendor}'s stream ended before the message did.`, { connection: true });
    }
  } catch (thrown) {
    if (!isOurs) throw thrown;
    if (!assembly.whole || connection.runIsAborted) throw billed(toError(thrown), assembly);
  }
  try {
    return assembly.result();
  } catch (thrown) {
    throw billed(toError(thrown), assembly);
  }
}

function billed(error: unknown, { usage, whole }: Assembly): unknown {
  return error instanceof ModelError ? withUsage(error, usage, !whole) : error;
}

/** The same response; its bytes tell the connection that the vendor is alive, also where they are no event. */
function watched(response: Response, connection: Connection): Response {
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, out) {
      connection.alive();
      out.enqueue(bytes);
    },
  });
  return new Response(response.body?.pipeThrough(watch) ?? null);
}

/**
 * The events of a stream. After a complete reply it waits a moment for the end, so that the connection can be used
 * again.
 */
async function* streamedEvents(
  response: Response,
  { connection, rawEvents, idleTimeoutMs }: AnswerIO,
  assembly: Assembly,
): AsyncGenerator<JsonObject, void, void> {
  const events = rawEvents(response, connection.controller);
  for (;;) {
    connection.waitFor(assembly.complete ? LINGER_MS : idleTimeoutMs);
    const next = await events.next();
    connection.received();
    if (next.done) return;
    const { event, data } = next.value;
    if (assembly.complete || data === "") continue;
    if (data === "[DONE]" && assembly.end !== undefined) assembly.end();
    else yield parsedEvent(data, event === "error");
  }
}

const LINGER_MS = 250;

function parsedEvent(data: string, named: boolean): JsonObject {
  let event: unknown;
  try {
    event = JSON.parse(data) as JsonValue;
  } catch {
    // Said below.
  }
  if (named || (isJsonObject(event) && isError(event))) throw new BrokenOff(event ?? data);
  if (isJsonObject(event)) return event;
  throw new Unreadable("an event of the stream is not a JSON object", data);
}

/** Every vendor says so in one of these ways. */
function isError({ type, error }: JsonObject): boolean {
  return type === "error" || isJsonObject(error) || (typeof error === "string" && error !== "");
}
