import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  /** Requests that came in whole. */
  readonly requests: readonly IncomingMessage[];
}

/** A server on 127.0.0.1 that answers by hand, once a request has come in whole. */
export async function httpServer(
  answer: (response: ServerResponse, request: IncomingMessage) => void | Promise<void>,
): Promise<HttpServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      requests.push(request);
      void answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Writes a piece now and then, until the client is gone. */
export async function drip(response: ServerResponse, piece: string): Promise<void> {
  while (!response.destroyed) {
    response.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Writes a piece again and again, as fast as it is read, until the client is gone. */
export async function pour(response: ServerResponse, piece: string | Buffer): Promise<void> {
  const gone = once(response, "close");
  while (!response.destroyed) {
    if (!response.write(piece)) await Promise.race([once(response, "drain"), gone]);
  }
}
