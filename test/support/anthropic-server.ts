import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A message as the vendor would answer with; what is missing is filled in. */
export interface AnthropicMessageScript {
  readonly id?: string;
  readonly content?: readonly Readonly<Record<string, unknown>>[] | null;
  readonly stop_reason?: string | null;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly [key: string]: unknown;
}

/** How one request is answered. Without `raw` or `events`, `message` goes out as the request asks: streamed or whole. */
export interface AnthropicAnswer {
  readonly message?: AnthropicMessageScript;
  /** In place of the message's own events. */
  readonly events?: readonly Readonly<Record<string, unknown>>[];
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

export interface AnthropicServerRequest {
  /** The body as it came over the wire. */
  readonly raw: Buffer;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly path: string;
  /** Settles when the connection of this request is closed. */
  readonly closed: Promise<void>;
}

export interface AnthropicServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly AnthropicServerRequest[];
  /** Connections made, to tell whether they are used again. */
  readonly connections: number;
  /** Settles when the n-th request (from 1) has come in whole. */
  arrived(count: number): Promise<AnthropicServerRequest>;
}

export type AnthropicAnswers = readonly (AnthropicAnswer | ((request: AnthropicServerRequest) => AnthropicAnswer))[];

/** A server on 127.0.0.1 that speaks the Messages API and answers from a list; one request too many gets a 500. */
export async function anthropicServer(answers: AnthropicAnswers): Promise<AnthropicServer> {
  const requests: AnthropicServerRequest[] = [];
  const waiting: (() => void)[] = [];
  let connections = 0;

  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then((request) => {
        const next = answers[requests.length];
        requests.push(request);
        for (const wake of waiting.splice(0)) wake();
        const answer = typeof next === "function" ? next(request) : (next ?? { status: 500, raw: "no answer left" });
        return respond(outgoing, request, answer);
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

/** The message as the vendor sends it when it is not streamed. */
export function wholeMessage({ content = [], stop_reason, usage, ...rest }: AnthropicMessageScript): object {
  const asks = content?.some(({ type }) => type === "tool_use") ?? false;
  return {
    id: "msg_01",
    type: "message",
    role: "assistant",
    model: "claude-test",
    content,
    stop_reason: stop_reason === undefined ? (asks ? "tool_use" : "end_turn") : stop_reason,
    stop_sequence: null,
    ...(usage !== null && { usage: { ...NO_USAGE, ...usage } }),
    ...rest,
  };
}

/** The events that such a message streams as. */
export function streamEvents(script: AnthropicMessageScript, pieceLength = 4): Record<string, unknown>[] {
  // A border post: `wholeMessage` gives just these keys.
  const whole = wholeMessage(script) as { content: Record<string, unknown>[]; stop_reason: unknown; usage?: object };
  const { content, stop_reason, usage, ...start } = whole;
  const outputTokens = (usage as { output_tokens?: unknown } | undefined)?.output_tokens ?? null;
  return [
    {
      type: "message_start",
      message: { ...start, content: [], stop_reason: null, ...(usage && { usage: { ...usage, output_tokens: 1 } }) },
    },
    { type: "ping" },
    ...content.flatMap((block, index) => blockEvents(block, index, pieceLength)),
    {
      type: "message_delta",
      delta: { stop_reason, stop_sequence: null },
      ...(usage && { usage: { output_tokens: outputTokens, input_tokens: null } }),
    },
    { type: "message_stop" },
  ];
}

/** Events as the bytes on the wire. */
export function eventStream(events: readonly Readonly<Record<string, unknown>>[]): string {
  return events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

const NO_USAGE = { input_tokens: 10, output_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };

/** What of a block streams in pieces, and as which delta. */
const STREAMED: Readonly<Record<string, readonly { readonly field: string; readonly delta: string }[]>> = {
  text: [{ field: "text", delta: "text_delta" }],
  thinking: [
    { field: "thinking", delta: "thinking_delta" },
    { field: "signature", delta: "signature_delta" },
  ],
};

function blockEvents(block: Readonly<Record<string, unknown>>, index: number, pieceLength: number) {
  const start: Record<string, unknown> = { ...block };
  const deltas: object[] = [];
  for (const { field, delta } of STREAMED[String(block.type)] ?? []) {
    start[field] = "";
    const length = field === "signature" ? Number.POSITIVE_INFINITY : pieceLength;
    for (const piece of pieces(textIn(block[field]), length)) deltas.push({ type: delta, [field]: piece });
  }
  if (block.type === "tool_use" || block.type === "server_tool_use") {
    start.input = {};
    const json = Object.keys(block.input ?? {}).length === 0 ? "" : JSON.stringify(block.input);
    for (const piece of ["", ...pieces(json, pieceLength)])
      deltas.push({ type: "input_json_delta", partial_json: piece });
  }
  return [
    { type: "content_block_start", index, content_block: start },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function pieces(text: string, length: number): string[] {
  const list: string[] = [];
  for (let start = 0; start < text.length; start += length) list.push(text.slice(start, start + length));
  return list;
}

async function readRequest(incoming: IncomingMessage): Promise<AnthropicServerRequest> {
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

async function respond(outgoing: ServerResponse, request: AnthropicServerRequest, answer: AnthropicAnswer) {
  if (answer.latencyMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answer.latencyMs));
  if (answer.resetAtOnce) return void outgoing.socket?.resetAndDestroy();
  if (answer.closeAtOnce) return void outgoing.socket?.destroy();
  const streams = answer.raw === undefined && request.body.stream === true && (answer.status ?? 200) === 200;
  outgoing.writeHead(answer.status ?? 200, {
    "content-type": streams ? "text/event-stream; charset=utf-8" : "application/json",
    ...answer.headers,
  });
  const body = Buffer.from(bodyOf(answer, streams));
  if (answer.cutAfterBytes === undefined) return void outgoing.end(body);
  outgoing.flushHeaders();
  const part = body.subarray(0, answer.cutAfterBytes);
  await new Promise<void>((resolve) => (part.length > 0 ? outgoing.write(part, () => resolve()) : resolve()));
  if (answer.afterCut === "stall") return;
  if (answer.afterCut === "end") return void outgoing.end();
  // The bytes are to be read before the reset: it would overtake them.
  setTimeout(() => outgoing.socket?.resetAndDestroy(), 5);
}

function bodyOf({ raw, events, message = {}, pieceLength }: AnthropicAnswer, streams: boolean): string | Buffer {
  if (raw !== undefined) return raw;
  if (!streams) return JSON.stringify(wholeMessage(message));
  return eventStream(events ?? streamEvents(message, pieceLength));
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
