import type { JsonObject } from "../../json.ts";
import type { Conversation, Model } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { readAnswer } from "./answer.ts";
import { Connection } from "./connection.ts";
import type { Secrets } from "./secrets.ts";
import { ShownText } from "./shown-text.ts";
import type { WireTarget } from "./wire-error.ts";
import { afterAcceptance, wireError } from "./wire-error.ts";

export interface WireRequest {
  /** The body, deeply frozen. */
  readonly payload: JsonObject;
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A vendor's SDK, ready to send. */
export interface WireClient {
  /** Sends the payload as it is, once. */
  post(request: WireRequest, signal: AbortSignal): Promise<Response>;
  /** What of all that is sent nobody may read where it comes back. */
  readonly secrets: Secrets;
}

export interface WireModelOptions {
  readonly provider: string;
  readonly target: WireTarget;
  /** How long a stream may be silent, in milliseconds, from the request on. */
  readonly idleTimeoutMs: number;
  toRequest(conversation: Conversation): WireRequest;
  readonly bound: NonNullable<Model["bound"]>;
  /** Loads the SDK: called at the first request, and again after it has failed. */
  connect(): Promise<WireClient>;
}

/** A model behind a vendor's HTTP API. It never retries. */
export function wireModel(options: WireModelOptions): Model {
  const { provider, target, idleTimeoutMs, toRequest, bound, connect } = options;
  let tools: ReturnType<typeof load> | undefined;
  const load = () => Promise.all([connect(), import("@anthropic-ai/sdk/core/streaming")]);
  const loaded = () => {
    tools ??= load().catch((error: unknown) => {
      tools = undefined;
      throw error;
    });
    return tools;
  };

  return Object.freeze<Model>({
    provider,
    name: target.name,
    bound,
    async send(conversation, io) {
      io.signal.throwIfAborted();
      const request = toRequest(conversation);
      const [client, { Stream }] = await loaded();
      io.signal.throwIfAborted();
      await io.beforeSend(request.payload);
      io.signal.throwIfAborted();
      const connection = new Connection(io.signal);
      const { secrets } = client;
      secrets.note({ headers: request.headers });
      const text = new ShownText(secrets, (piece) => io.onText(piece));
      const toError = (thrown: unknown) => wireError(thrown, { target, connection, secrets });
      // Where the reply is to stream, the answer begins before it: silence is silence from the request on.
      connection.waitFor(request.payload.stream === true ? idleTimeoutMs : ANSWER_TIMEOUT_MS);
      try {
        const response = await client.post(request, connection.controller.signal).catch((thrown: unknown) => {
          throw toError(thrown);
        });
        // An answer that is whole, though it was to stream, has time to come; a stream has its own limit.
        connection.waitFor(ANSWER_TIMEOUT_MS);
        const reply = await readAnswer(response, {
          target,
          connection,
          rawEvents: (answer, controller) => Stream.rawEvents(answer, controller),
          onText: (piece) => text.add(piece),
          idleTimeoutMs,
          toError: (thrown) => afterAcceptance(toError(thrown)),
        });
        await text.end();
        return secrets.inReply(reply);
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        await text.broken();
        throw secrets.cleanError(error);
      } finally {
        connection.close();
      }
    },
  });
}

/** Until the answer begins; for one that is not streamed, until it is whole. The SDKs' own limit. */
export const ANSWER_TIMEOUT_MS = 600_000;
