import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { ModelIO } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { ANSWER_TIMEOUT_MS } from "../wire/answer-timeout.ts";
import type { Secrets } from "../wire/secrets.ts";

import type { Exchange } from "./exchange.ts";
import { mergeParameters } from "./merge-parameters.ts";

type FetchArguments = Parameters<typeof globalThis.fetch>;

/**
 * The request of one attempt, seen in the `fetch` that the package was given. It is the first POST with a JSON
 * object as its body: the parameters go in, `beforeSend` hears it, and the same bytes are sent. What else a package
 * fetches (a token, a file) passes through; another POST with JSON is refused, for no callback has seen it.
 */
export class ObservedRequest {
  /** The vendor's answer, as far as an error needs it. */
  answer: { readonly status: number; readonly headers: Headers } | undefined;
  /** Where it went: the host, without secrets. */
  address: string | undefined;
  /** The first bytes of the answer. */
  beginning = "";
  /** The package has tried to send another one. */
  refusedAnother = false;
  readonly #exchange: Exchange;
  readonly #io: ModelIO;
  readonly #secrets: Secrets;
  readonly #parameters: JsonObject;
  #state: "unsent" | "asking" | "sent" = "unsent";

  constructor(exchange: Exchange, io: ModelIO, parameters: JsonObject, secrets: Secrets) {
    this.#exchange = exchange;
    this.#secrets = secrets;
    this.#io = io;
    this.#parameters = parameters;
  }

  /** The network has been asked. */
  get sent(): boolean {
    return this.#state === "sent";
  }

  /** Somebody could hear of it. */
  get announced(): boolean {
    return this.#state !== "unsent";
  }

  /** For a model object whose `fetch` is not ours: what it is called with, before it is called. */
  async announce(options: () => JsonObject): Promise<void> {
    this.#state = "asking";
    await this.#beforeSend(options);
  }

  async fetch(...[input, init]: FetchArguments): Promise<Response> {
    const { signal } = this.#exchange;
    signal.throwIfAborted();
    const body = await jsonBody(input, init);
    if (body === undefined) return globalThis.fetch(input, { ...init, signal: both(signal, init?.signal) });
    if (this.#state !== "unsent") {
      this.refusedAnother = true;
      throw new ModelError("The package wanted to send another request in the same attempt. It was not sent.");
    }
    this.#state = "asking";
    const [url, theirs] = input instanceof Request ? [input.url, input.headers] : [String(input), undefined];
    const headers = new Headers(init?.headers ?? theirs);
    this.address = URL.canParse(url) ? new URL(url).origin : undefined;
    this.#secrets.note({ url, headers });
    const text = await this.#ask(body, headers);
    this.#exchange.connection.waitFor(ANSWER_TIMEOUT_MS);
    this.#state = "sent";
    const options = { ...init, method: "POST", headers, body: text, signal: both(signal, init?.signal) };
    const answer = await globalThis.fetch(url, options);
    this.answer = { status: answer.status, headers: answer.headers };
    return this.#watched(answer);
  }

  /** The same answer; its bytes tell that the vendor is alive, also where they become no part of the stream. */
  #watched(answer: Response): Response {
    const { connection } = this.#exchange;
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, out) => {
        connection.alive();
        if (this.beginning === "") this.beginning = new TextDecoder().decode(bytes.subarray(0, 500));
        out.enqueue(bytes);
      },
    });
    const { status, statusText, headers } = answer;
    return answer.body === null
      ? answer
      : new Response(answer.body.pipeThrough(watch), { status, statusText, headers });
  }

  /** The text to send. What keeps it from being sent ends the exchange, whatever the package makes of the throw. */
  async #ask(body: JsonBody, headers: Headers): Promise<string> {
    try {
      const payload = deepFreeze(mergeParameters(body.value, this.#parameters));
      if (payload !== body.value) refuseSigned(headers, payload, body.value);
      await this.#beforeSend(payload);
      return payload === body.value ? body.text : JSON.stringify(payload);
    } catch (thrown) {
      this.#exchange.fail(thrown);
      throw thrown;
    }
  }

  async #beforeSend(payload: JsonObject | (() => JsonObject)): Promise<void> {
    this.#exchange.connection.received();
    const asked = this.#io.beforeSend(payload);
    if (asked !== undefined) await asked;
    this.#io.signal.throwIfAborted();
  }
}

interface JsonBody {
  readonly text: string;
  readonly value: JsonObject;
}

async function jsonBody(...[input, init]: FetchArguments): Promise<JsonBody | undefined> {
  const request = input instanceof Request ? input : undefined;
  if ((init?.method ?? request?.method ?? "GET").toUpperCase() !== "POST") return undefined;
  const text = textOf(init?.body) ?? (init?.body === undefined ? await request?.clone().text() : undefined);
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return text !== undefined && isJsonObject(value) ? { text, value } : undefined;
  } catch {
    return undefined;
  }
}

function textOf(body: unknown): string | undefined {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array || body instanceof ArrayBuffer ? new TextDecoder().decode(body) : undefined;
}

function both(ours: AbortSignal, theirs: AbortSignal | null | undefined): AbortSignal {
  return theirs === undefined || theirs === null || theirs === ours ? ours : AbortSignal.any([ours, theirs]);
}

/** A signature holds for the bytes that were signed. */
function refuseSigned(headers: Headers, payload: JsonObject, signed: JsonObject): void {
  if (!headers.get("authorization")?.startsWith("AWS4-")) return;
  const changed = Object.keys(payload).filter((key) => payload[key] !== signed[key]);
  throw new LLMProcError(
    "program_invalid",
    `The parameters ${changed.join(", ")} cannot be added to a request that is signed already. Give them as provider_options of the package, or use an API key in place of signatures.`,
  );
}
