import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How one request is answered. */
export interface WireAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default "" */
  readonly body?: string | Buffer;
  /** Only so many bytes of the body go out; what happens then is `afterCut`. */
  readonly cutAfterBytes?: number;
  /** `end` closes properly, `reset` tears the connection down, `stall` sends nothing more. @default "reset" */
  readonly afterCut?: "end" | "reset" | "stall";
  /** Tears the connection down before any answer. */
  readonly resetAtOnce?: boolean;
  /** So many signs of life (comments of an event stream) come before the body, 25 ms apart. */
  readonly signsOfLife?: number;
  /** The body goes out in pieces of so many bytes. */
  readonly pieceBytes?: number;
  /** Behind the body, the connection stays open: with signs of life, or without. */
  readonly staysOpen?: "alive" | "silent";
  /** Never answers. */
  readonly silent?: boolean;
}

export interface WireRequest {
  /** The body as it came over the wire. */
  readonly raw: string;
  readonly headers: IncomingHttpHeaders;
  readonly path: string;
  /** Settles when the connection of this request is closed. */
  closed(): Promise<void>;
}

export interface WireServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly WireRequest[];
}

type WireAnswers = readonly (WireAnswer | ((request: WireRequest) => WireAnswer))[];

/** A server on 127.0.0.1 that answers from a list; one request too many gets a 500. */
export async function wireServer(answers: WireAnswers): Promise<WireServer> {
  const requests: WireRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    readRequest(incoming)
      .then((request) => {
        const next = answers[requests.length] ?? { status: 500, body: "no answer left" };
        requests.push(request);
        return respond(outgoing, typeof next === "function" ? next(request) : next);
      })
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  // A border post: without an encoding, the chunks are buffers.
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { socket } = incoming;
  const closed = () =>
    new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.once("close", () => resolve())));
  const raw = Buffer.concat(chunks).toString("utf8");
  return { raw, headers: incoming.headers, path: incoming.url ?? "", closed };
}

async function respond(outgoing: ServerResponse, answer: WireAnswer): Promise<void> {
  if (answer.silent) return;
  if (answer.resetAtOnce) return void outgoing.socket?.resetAndDestroy();
  const { status = 200, headers = {}, body = "", cutAfterBytes, afterCut = "reset" } = answer;
  outgoing.writeHead(status, { "content-type": "application/json", ...headers });
  for (let sign = 0; sign < (answer.signsOfLife ?? 0); sign++) {
    outgoing.write(": alive\n\n");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  if (answer.staysOpen !== undefined) return stayOpen(outgoing, body, answer.staysOpen);
  if (answer.pieceBytes !== undefined) return inPieces(outgoing, Buffer.from(body), answer.pieceBytes);
  if (cutAfterBytes === undefined) return void outgoing.end(body);
  outgoing.flushHeaders();
  const part = Buffer.from(body).subarray(0, cutAfterBytes);
  await new Promise<void>((resolve) => (part.length > 0 ? outgoing.write(part, () => resolve()) : resolve()));
  if (afterCut === "stall") return;
  if (afterCut === "end") return void outgoing.end();
  // The bytes are to be read before the reset: it would overtake them.
  setTimeout(() => outgoing.socket?.resetAndDestroy(), 5);
}

async function inPieces(outgoing: ServerResponse, body: Buffer, length: number): Promise<void> {
  for (let start = 0; start < body.length; start += length) {
    outgoing.write(body.subarray(start, start + length));
    await new Promise((resolve) => setImmediate(resolve));
  }
  outgoing.end();
}

function stayOpen(outgoing: ServerResponse, body: string | Buffer, how: "alive" | "silent"): void {
  outgoing.write(body);
  if (how === "silent") return;
  const timer = setInterval(() => outgoing.write(": alive\n\n"), 10);
  outgoing.on("close", () => clearInterval(timer));
}

/** A stream of pieces, cut as wanted behind the piece with so many characters of text. */
export function streamAnswer(
  pieces: readonly { readonly bytes: string | Buffer; readonly text?: string }[],
  headers: Readonly<Record<string, string>>,
  { stallsAfter, breaksAfter }: { readonly stallsAfter?: number; readonly breaksAfter?: number },
): WireAnswer {
  const body = Buffer.concat(pieces.map(({ bytes }) => Buffer.from(bytes)));
  const until = stallsAfter ?? breaksAfter;
  if (until === undefined) return { body, headers };
  let seen = 0;
  const last = pieces.findIndex(({ text = "" }) => {
    seen += text.length;
    return seen >= until;
  });
  const sent = Buffer.concat(pieces.slice(0, last + 1).map(({ bytes }) => Buffer.from(bytes)));
  const afterCut = stallsAfter === undefined ? "reset" : "stall";
  return { body, headers, cutAfterBytes: sent.length, afterCut };
}

/** Four characters each. */
export function pieces(text: string): string[] {
  return text.match(/[\s\S]{1,4}/g) ?? [];
}
