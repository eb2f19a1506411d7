import type { JsonObject } from "../../json.ts";
import type { Conversation, Model } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { readAnswer } from "./answer.ts";
import { Connection } from "./connection.ts";
import { HttpPost } from "./http-post.ts";
import { ShownText } from "./shown-text.ts";
import { statusAnswer } from "./status-answer.ts";
import type { WireClient } from "./wire-client.ts";
import type { WireTarget } from "./wire-error.ts";
import { afterAcceptance, wireError } from "./wire-error.ts";

export interface WireRequest {
  /** The body, deeply frozen. */
  readonly payload: JsonObject;
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface WireModelOptions {
  readonly provider: string;
  readonly target: WireTarget;
  /** How long a stream may be silent, in milliseconds, from the request on. */
  readonly idleTimeoutMs: number;
  toRequest(conversation: Conversation): WireRequest;
  readonly bound: NonNullable<Model["bound"]>;
  /** Called at the first request, and again after it has failed. */
  connect(): Promise<WireClient>;
}

/** A model behind a vendor's HTTP API. It never retries. */
export function wireModel(options: WireModelOptions): Model {
  const { provider, target, idleTimeoutMs, toRequest, bound, connect } = options;
  let tools: ReturnType<typeof load> | undefined;
  const load = () => Promise.all([connect(), import("eventsource-parser")]);
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
      const [client, { createParser }] = await loaded();
      io.signal.throwIfAborted();
      await io.beforeSend(request.payload);
      io.signal.throwIfAborted();
      const post = new HttpPost();
      const connection = new Connection(io.signal, () => post.close());
      const { secrets } = client;
      if (Object.keys(request.headers).length > 0) secrets.note({ headers: request.headers });
      const text = new ShownText(secrets, (piece) => io.onText(piece));
      let accepted = false;
      const toError = (thrown: unknown) => wireError(thrown, { target, connection, secrets, accepted });
      try {
        const answer = await client.send(request, { post, connection, idleTimeoutMs }).catch((thrown: unknown) => {
          throw toError(thrown);
        });
        accepted = answer.status >= 200 && answer.status <= 299;
        if (!accepted) throw toError(await statusAnswer(answer));
        const reply = await readAnswer(answer, {
          target,
          connection,
          createParser,
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
