import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A reply as a vendor would say it; the format fills in what is missing. */
export type WireScript = Readonly<Record<string, unknown>>;
export type WireEvent = Readonly<Record<string, unknown>>;

/** How a vendor puts a reply on the wire. */
export interface WireVoice<Script extends WireScript = WireScript> {
  /** The body of an answer that is not streamed. */
  whole(script: Script): object;
  /** The events that the same reply streams as; texts in pieces of so many characters. */
  events(script: Script, pieceLength: number): readonly WireEvent[];
  /** Events as the bytes on the wire. */
  encode(events: readonly WireEvent[]): string;
}

/** How one request is answered. Without `raw` or `events`, `message` goes out as the request asks: streamed or whole. */
export interface WireAnswer<Script extends WireScript = WireScript> {
  readonly message?: Script;
  /** In place of the message's own events. */
  readonly events?: readonly WireEvent[];
  /** In place of everything: the body as it is. */
  readonly raw?: string | Buffer;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer begins. */
  readonly latencyMs?: number;
  /** Characters in a delta. @default 4 */
  readonly pieceLength?: number;
  /** Only so many bytes of the body go out; what happens then is `afterCut`. */
  readonly cutAfterBytes?: number;
  /** `end` closes properly, `reset` tears the connection down, `stall` sends nothing more. @default "reset" */
  readonly afterCut?: "end" | "reset" | "stall";
  /** Tears the connection down before any answer. */
  readonly resetAtOnce?: boolean;
  /** Closes the connection before any answer, as a server does that goes away in good order. */
  readonly closeAtOnce?: boolean;
}

export interface WireServerRequest {
  /** The body as it came over the wire. */
  readonly raw: Buffer;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly path: string;
  /** Settles when the connection of this request is closed. */
  readonly closed: Promise<void>;
}

export interface WireServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly WireServerRequest[];
  /** Connections made, to tell whether they are used again. */
  readonly connections: number;
  /** Settles when the n-th request (from 1) has come in whole. */
  arrived(count: number): Promise<WireServerRequest>;
}

export type WireAnswers<Script extends WireScript = WireScript> = readonly (
  | WireAnswer<Script>
  | ((request: WireServerRequest) => WireAnswer<Script>)
)[];

/** A server on 127.0.0.1 that answers with a vendor's voice, from a list; one request too many gets a 500. */
export async function wireServer<Script extends WireScript>(
  voice: WireVoice<Script>,
  answers: WireAnswers<Script>,
): Promise<WireServer> {
  const requests: WireServerRequest[] = [];
  const waiting: (() => void)[] = [];
  let connections = 0;

  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then((request) => {
        const next = answers[requests.length];
        requests.push(request);
        for (const wake of waiting.splice(0)) wake();
        const answer = typeof next === "function" ? next(request) : (next ?? { status: 500, raw: "no answer left" });
        return respond(voice, outgoing, request, answer);
      })
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    async arrived(count) {
      for (;;) {
        const request = requests[count - 1];
        if (request !== undefined) return request;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** A text in pieces of so many characters. */
export function pieces(text: string, length: number): string[] {
  const list: string[] = [];
  for (let start = 0; start < text.length; start += length) list.push(text.slice(start, start + length));
  return list;
}

async function readRequest(incoming: IncomingMessage): Promise<WireServerRequest> {
  const chunks: Buffer[] = [];
  // A border post: without an encoding, the chunks are buffers.
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  return {
    raw,
    body: JSON.parse(raw.toString("utf8")) as Record<string, unknown>,
    headers: incoming.headers,
    path: incoming.url ?? "",
    closed: whenClosed(incoming.socket),
  };
}

/** One listener for each connection, however many requests come over it. */
const closings = new WeakMap<Socket, Promise<void>>();

function whenClosed(socket: Socket): Promise<void> {
  let closing = closings.get(socket);
  if (closing === undefined) {
    closing = new Promise((resolve) => socket.once("close", () => resolve()));
    closings.set(socket, closing);
  }
  return closing;
}

async function respond<Script extends WireScript>(
  voice: WireVoice<Script>,
  outgoing: ServerResponse,
  request: WireServerRequest,
  answer: WireAnswer<Script>,
) {
  if (answer.latencyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.latencyMs));
  if (answer.resetAtOnce) return void outgoing.socket?.resetAndDestroy();
  if (answer.closeAtOnce) return void outgoing.socket?.destroy();
  const streams = answer.raw === undefined && request.body.stream === true && (answer.status ?? 200) === 200;
  outgoing.writeHead(answer.status ?? 200, {
    "content-type": streams ? "text/event-stream; charset=utf-8" : "application/json",
    ...answer.headers,
  });
  const body = Buffer.from(bodyOf(voice, answer, streams));
  if (answer.cutAfterBytes === undefined) return void outgoing.end(body);
  outgoing.flushHeaders();
  const part = body.subarray(0, answer.cutAfterBytes);
  await new Promise<void>((resolve) => (part.length > 0 ? outgoing.write(part, () => resolve()) : resolve()));
  if (answer.afterCut === "stall") return;
  if (answer.afterCut === "end") return void outgoing.end();
  // The bytes are to be read before the reset: it would overtake them.
  setTimeout(() => outgoing.socket?.resetAndDestroy(), 5);
}

function bodyOf<Script extends WireScript>(
  voice: WireVoice<Script>,
  { raw, events, message, pieceLength = 4 }: WireAnswer<Script>,
  streams: boolean,
): string | Buffer {
  if (raw !== undefined) return raw;
  // A border post: every script may leave out everything.
  const script = message ?? ({} as Script);
  if (!streams) return JSON.stringify(voice.whole(script));
  return voice.encode(events ?? voice.events(script, pieceLength));
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
