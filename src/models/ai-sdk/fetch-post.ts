import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { HttpAnswer } from "../wire/http-post.ts";
import { HttpPost, httpTarget } from "../wire/http-post.ts";

export interface FetchPost {
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal;
  /** There is somebody to speak to. */
  readonly onConnected: () => void;
  /** Called when the answer has begun: what its bytes go through. */
  readonly watch: (headers: Headers) => TransformStream<Uint8Array, Uint8Array>;
}

/**
 * One POST, answered as `fetch` answers: but it is sent once and to nobody else, a redirect is an answer like any other,
 * and there is no limit to how long the answer may be silent. @throws Lost
 */
export async function fetchPost({ url, headers, body, signal, onConnected, watch }: FetchPost): Promise<Response> {
  const post = new HttpPost();
  const close = () => post.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  const answer = await post.send(await httpTarget(url), Object.fromEntries(headers), body, onConnected);
  const { status } = answer;
  const init = { status, headers: new Headers(headersOf(answer.allHeaders)) };
  if (WITHOUT_BODY.has(status)) return new Response(null, init);
  // A border post: the types of the web's streams stand in two places.
  const stream = Readable.toWeb(await answer.body()) as NodeReadableStream<Uint8Array> & ReadableStream<Uint8Array>;
  return new Response(stream.pipeThrough(watch(init.headers)), init);
}

/** What the body was encoded with is undone. */
function headersOf(given: HttpAnswer["allHeaders"]): [string, string][] {
  const { "content-encoding": _coding, "content-length": _length, ...headers } = given;
  const all = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => [name, one]));
  return all.filter((entry): entry is [string, string] => entry.length === 2);
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
