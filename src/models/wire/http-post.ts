import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Duplex, Readable } from "node:stream";
import { urlToHttpOptions } from "node:url";
import { NO_CONNECTION } from "./connection-fault.ts";
import { decoded } from "./content-coding.ts";
import { Lost } from "./lost.ts";

/** Where requests go to. */
export interface HttpTarget {
  /** Of `node:http` or `node:https`, looked up at each request: tests and tools that watch the network replace it. */
  readonly client: { request(options: RequestOptions): ClientRequest };
  readonly options: RequestOptions;
  readonly url: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly allHeaders: IncomingMessage["headers"];
  /** Where it came from. */
  readonly url: string;
  /** To be read once. @throws Unreadable */
  body(): Promise<Readable>;
}

export interface AnswerHeaders {
  get(name: string): string | null;
}

/** Node's client is loaded when it is first used. */
export async function httpTarget(url: string): Promise<HttpTarget> {
  const parts = new URL(url);
  const { default: client } = await (parts.protocol === "https:" ? import("node:https") : import("node:http"));
  return { client, options: { ...urlToHttpOptions(parts), method: "POST" }, url };
}

/**
 * One POST over one connection of Node's own agent. It is sent once and to nobody else: a redirect is an answer like any
 * other. What fails on the way is `Lost`.
 */
export class HttpPost {
  #request: ClientRequest | undefined;
  #answer: IncomingMessage | undefined;
  #isClosed = false;
  #isConnected = false;
  #onClose: ((error: Lost) => void) | undefined;

  /** Settles as `work` does, which is done for the request before it is sent; rejects when the post is closed. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onClose = reject;
      work.then(resolve, reject);
      if (this.#isClosed) reject(CLOSED());
    });
  }

  /** Resolves when the answer has begun. `onConnected` is called as soon as there is somebody to speak to. */
  async send(
    { client, options, url }: HttpTarget,
    headers: Readonly<Record<string, string>>,
    body: string,
    onConnected: () => void,
  ): Promise<HttpAnswer> {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      if (this.#isClosed) throw CLOSED();
      const bytes = Buffer.byteLength(body);
      const length = String(bytes);
      const request = client.request({ ...options, headers: { ...headers, "content-length": length } });
      this.#request = request;
      const notLast = (given: IncomingMessage, socket: Duplex) => {
        reject(new Lost(new Error(`the server answered ${given.statusCode}, and no last answer follows`)));
        socket.destroy();
      };
      request.on("upgrade", notLast);
      request.on("response", (given) => {
        if ((given.statusCode ?? 0) < 200) return notLast(given, given.socket);
        this.#answer = given;
        // It may break before anybody reads it, who then asks what broke it.
        given.on("error", () => {});
        resolve(given);
      });
      // Also what fails later comes here first, and knows more than the answer that breaks off.
      request.on("error", (error) => {
        reject(this.#isClosed && !this.#isConnected ? unconnected() : new Lost(error));
        // Behind a whole answer, whatever comes is no fault of it.
        if (this.#answer?.complete !== true) this.#answer?.destroy(error);
      });
      // Whatever ended it: whoever waits hears of it.
      request.on("close", () => {
        if (this.#answer === undefined) reject(new Lost(new Error("the connection was closed before an answer")));
      });
      const connected = () => {
        this.#isConnected = true;
        onConnected();
      };
      request.on("socket", (socket) => {
        if (socket.connecting) socket.once("connect", connected);
        else connected();
      });
      // Plain ASCII, as most bodies are, need not be encoded.
      request.end(body, bytes === body.length ? "latin1" : "utf8");
    });
    return {
      // A border post: an answer has a status.
      status: answer.statusCode as number,
      headers: { get: (name) => headerOf(answer, name) },
      allHeaders: answer.headers,
      url,
      body: () => decoded(answer),
    };
  }

  /** An answer that has been read to its end leaves its connection to the next request; any other takes it along. */
  close(): void {
    this.#isClosed = true;
    this.#onClose?.(CLOSED());
    if (this.#answer?.readableEnded !== true) this.#request?.destroy();
  }
}

const CLOSED = () => new Lost(new Error("closed"));

/** For one that was given up before there was anybody to speak to. */
export function unconnected(): Lost {
  const cause = Object.assign(new Error("nobody was there in time"), { code: NO_CONNECTION });
  return new Lost(cause, { neverConnected: true });
}

function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(", ") : value) ?? null;
}
