import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { ModelIO } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import { sentSecrets } from "../secrets/secret-values.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Asked } from "../wire/failure.ts";
import { refused } from "../wire/failure.ts";
import { sendsElsewhere } from "../wire/redirect.ts";
import { CONNECT_MS } from "../wire/timeouts.ts";
import { AnswerWatch } from "./answer-watch.ts";
import type { Exchange } from "./exchange.ts";
import { fetchPost } from "./fetch-post.ts";
import { mergeParameters } from "./merge-parameters.ts";
import type { LostDigits } from "./tool-input.ts";

export interface ObservedRequestOptions {
  /** Whom it goes to, for errors. */
  readonly asked: () => Asked;
  readonly io: ModelIO;
  /** They go into the body. */
  readonly parameters: JsonObject;
  readonly secrets: Secrets;
  /** How long the answer may take to begin, in milliseconds; for one that is not streamed, until it is whole. */
  readonly answerMs: number;
  readonly idleTimeoutMs: number;
}

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
  /** It is on its way, and there is nobody to speak to yet. */
  isConnecting = false;
  /** The package has tried to send another one. */
  refusedAnother = false;
  readonly #exchange: Exchange;
  readonly #options: ObservedRequestOptions;
  #watch: AnswerWatch | undefined;
  #state: "unsent" | "asking" | "sent" = "unsent";

  constructor(exchange: Exchange, options: ObservedRequestOptions) {
    this.#exchange = exchange;
    this.#options = options;
  }

  /** The first bytes of the answer. */
  get beginning(): string {
    return this.#watch?.beginning ?? "";
  }

  /** A failure that a whole answer tells beside a reply. */
  get failure(): unknown {
    return this.#watch?.failure;
  }

  /** Numbers of the answer that JavaScript has no room for. */
  get lost(): LostDigits | undefined {
    return this.#watch?.lost;
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
    if (body === undefined) return this.#passOn(input, { ...init, signal: both(signal, init?.signal) });
    if (this.#state !== "unsent") {
      this.refusedAnother = true;
      throw new ModelError("The package wanted to send another request in the same attempt. It was not sent.");
    }
    this.#state = "asking";
    const [url, theirs] = input instanceof Request ? [input.url, input.headers] : [String(input), undefined];
    const headers = new Headers(init?.headers ?? theirs);
    this.address = URL.canParse(url) ? new URL(url).origin : undefined;
    this.#options.secrets.note({ url, headers });
    const text = await this.#ask(body, headers);
    this.#state = "sent";
    return this.#send(url, headers, text, both(signal, init?.signal));
  }

  async #send(url: string, headers: Headers, body: string, signal: AbortSignal): Promise<Response> {
    const { connection } = this.#exchange;
    const { answerMs, idleTimeoutMs } = this.#options;
    connection.waitFor(Math.min(answerMs, CONNECT_MS));
    this.isConnecting = true;
    const answer = await fetchPost({
      url,
      headers,
      body,
      signal,
      onConnected: () => {
        this.isConnecting = false;
        connection.waitFor(answerMs);
      },
      watch: (answered) => {
        const isStream = !/\bjson\b/i.test(answered.get("content-type") ?? "");
        // Bytes tell that the vendor is alive, also where they become no part of the stream.
        this.#watch = new AnswerWatch({ isStream, idleTimeoutMs, onBytes: () => connection.alive() });
        signal.addEventListener("abort", () => this.#watch?.close(), { once: true });
        return this.#watch.open();
      },
    });
    this.answer = { status: answer.status, headers: answer.headers };
    return this.#notElsewhere(answer, url);
  }

  /** Something else that the package fetches. What opens a door goes to nobody but whom it was meant for. */
  async #passOn(...[input, init]: FetchArguments): Promise<Response> {
    const request = new Request(input, init);
    const isOpen = request.method === "GET" && sentSecrets(request.headers).length === 0;
    if (isOpen || request.redirect !== "follow") return globalThis.fetch(input, init);
    return this.#notElsewhere(await globalThis.fetch(input, { ...init, redirect: "manual" }), request.url);
  }

  /** The same answer. @throws ModelError if it is a redirect, which also ends the exchange */
  #notElsewhere(answer: Response, url: string): Response {
    const { status, headers } = answer;
    if (!sendsElsewhere(status)) return answer;
    const error = refused(this.#options.asked(), { status, headers, body: "", message: "", url });
    this.#exchange.fail(error);
    throw error;
  }

  /** The text to send. What keeps it from being sent ends the exchange, whatever the package makes of the throw. */
  async #ask(body: JsonBody, headers: Headers): Promise<string> {
    try {
      const payload = deepFreeze(mergeParameters(body.value, this.#options.parameters));
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
    const { io } = this.#options;
    const asked = io.beforeSend(payload);
    if (asked !== undefined) await asked;
    io.signal.throwIfAborted();
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
