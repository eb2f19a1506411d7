import { plainNumbers } from "../../process/contract/exact-json.ts";
import type { Conversation, Model, Reply } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { ShownText } from "../secrets/shown-text.ts";
import { readAnswer } from "./answer.ts";
import { Connection } from "./connection.ts";
import type { HttpAnswer } from "./http-post.ts";
import { HttpPost } from "./http-post.ts";
import { statusAnswer } from "./status-answer.ts";
import type { WireClient } from "./wire-client.ts";
import type { WireTarget } from "./wire-error.ts";
import { afterAcceptance, wireError } from "./wire-error.ts";
import type { WireRequest } from "./wire-request.ts";

export interface WireSenderOptions {
  readonly target: WireTarget;
  /** How long a stream may be silent, in milliseconds, from the request on. */
  readonly idleTimeoutMs: number;
  toRequest(conversation: Conversation): WireRequest;
  /** Called at the first request, and again after it has failed. */
  connect(): Promise<WireClient>;
}

/** Sends to a vendor's HTTP API. It never retries. */
export function wireSender(options: WireSenderOptions): Model["send"] {
  const { target, idleTimeoutMs, toRequest, connect } = options;
  let tools: ReturnType<typeof load> | undefined;
  const load = () => Promise.all([connect(), import("eventsource-parser")]);
  const loaded = () => {
    tools ??= load().catch((error: unknown) => {
      tools = undefined;
      throw error;
    });
    return tools;
  };

  return async (conversation, io) => {
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
    const toError = (thrown: unknown) => wireError(thrown, { target, request, connection, secrets });
    const toErrorAfter = (thrown: unknown) => afterAcceptance(toError(thrown));
    try {
      const way = { post, connection, idleTimeoutMs };
      const answer = await client.send(request, way).then(acceptedAnswer).catch(rethrowAs(toError));
      const reply = await readAnswer(answer, {
        target,
        connection,
        createParser,
        onText: (piece) => text.add(piece),
        idleTimeoutMs,
        toError: toErrorAfter,
      });
      await text.end();
      return await inReply(reply, secrets).catch(rethrowAs(toErrorAfter));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      await text.broken();
      throw secrets.cleanError(error);
    } finally {
      connection.close();
    }
  };
}

/** @throws StatusAnswer for an answer with a status that says no */
async function acceptedAnswer(answer: HttpAnswer): Promise<HttpAnswer> {
  if (answer.status >= 200 && answer.status <= 299) return answer;
  throw await statusAnswer(answer);
}

/** Only what goes back has digits that nobody can reckon with. */
async function inReply(reply: Reply, secrets: Secrets): Promise<Reply> {
  return secrets.inReply({ ...reply, response: plainNumbers(reply.response) });
}

function rethrowAs(toError: (thrown: unknown) => unknown): (thrown: unknown) => never {
  return (thrown) => {
    throw toError(thrown);
  };
}
