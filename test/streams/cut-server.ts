import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../src/json.ts";

/** What goes out for one request: headers, then the bytes, then how it ends. */
export interface CutAnswer {
  readonly contentType: string;
  readonly status?: number;
  readonly body: Buffer;
  /** `stall` sends nothing more, `reset` tears the connection down. @default "end" */
  readonly ending?: "end" | "reset" | "stall";
  /** Sends every byte by itself. */
  readonly byteByByte?: boolean;
}

/** One conversation with the server, told from the others by the header `x-plan`. */
export interface Plan {
  readonly id: string;
  /** The bodies that came in, in order. */
  readonly bodies: JsonObject[];
  answer(number: number): CutAnswer;
}

export interface CutServer extends AsyncDisposable {
  readonly url: string;
  add(plan: Plan): void;
}

/** Works with such a server, and closes it. Node 22 runs this as it is, and has no `using` yet. */
export async function withCutServer<T>(work: (server: CutServer) => Promise<T>): Promise<T> {
  const server = await cutServer();
  try {
    return await work(server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** A server on 127.0.0.1 that answers each plan's requests, any number of them at the same time. */
export async function cutServer(): Promise<CutServer> {
  const plans = new Map<string, Plan>();
  const server = createServer((incoming, outgoing) => {
    serve(plans, incoming, outgoing).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    add: (plan) => void plans.set(plan.id, plan),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(plans: ReadonlyMap<string, Plan>, incoming: IncomingMessage, outgoing: ServerResponse) {
  const chunks: Buffer[] = [];
  // A border post: without an encoding, the chunks are buffers.
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const plan = plans.get(String(incoming.headers["x-plan"]));
  if (plan === undefined) return void outgoing.writeHead(404).end("There is no such plan.");
  plan.bodies.push(JSON.parse(Buffer.concat(chunks).toString("utf8")) as JsonObject);
  await send(outgoing, plan.answer(plan.bodies.length));
}

async function send(
  outgoing: ServerResponse,
  { contentType, status = 200, body, ending = "end", byteByByte }: CutAnswer,
) {
  outgoing.writeHead(status, { "content-type": contentType });
  if (byteByByte) {
    outgoing.socket?.setNoDelay(true);
    for (const byte of body) await write(outgoing, Buffer.of(byte));
    return void outgoing.end();
  }
  if (ending === "end") return void outgoing.end(body);
  outgoing.flushHeaders();
  if (body.length > 0) await write(outgoing, body);
  // The bytes are to be read before the reset: it would overtake them.
  if (ending === "reset") setTimeout(() => outgoing.socket?.resetAndDestroy(), 10);
}

function write(outgoing: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => outgoing.write(bytes, () => resolve()));
}
