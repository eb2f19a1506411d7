import { isJsonObject } from "../../json.ts";
import type { Conversation, ModelIO, Reply, TokenUsage } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { ShownText } from "../secrets/shown-text.ts";
import { answerFailure, disconnected, isPage, silent, unreadable } from "../wire/failure.ts";
import { unconnected } from "../wire/http-post.ts";
import { answerTimeoutMs } from "../wire/timeouts.ts";
import { ENDED_EARLY } from "../wire/told-error.ts";
import { afterAcceptance } from "../wire/wire-error.ts";
import { BrokenOff, Unreadable } from "../wire/wire-format.ts";
import type { AiSdkCallOptions, AiSdkModel, AiSdkReader } from "./ai-sdk-model.ts";
import { shownOptions } from "./call-options.ts";
import type { PackageTarget } from "./error.ts";
import { aiSdkError, askedOf } from "./error.ts";
import { Exchange } from "./exchange.ts";
import { objectDoors } from "./known-secrets.ts";
import type { ModelSource } from "./model-source.ts";
import { ObservedRequest } from "./observed-request.ts";
import { aiSdkReply, textsOfPart } from "./reply.ts";
import type { AiSdkResult } from "./result.ts";
import { generatedResult } from "./result.ts";
import { ResultAssembly } from "./result-assembly.ts";
import { aiSdkUsage } from "./usage.ts";

export interface AiSdkRequestOptions {
  /** As in a program file, for errors. */
  readonly provider: string;
  readonly name: string;
  /** How long a stream may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
  readonly source: ModelSource;
  readonly io: ModelIO;
  /** Parameters for the body, where the request is seen. */
  readonly inBody: Conversation["parameters"];
  readonly streams: boolean;
  /** Where requests go, without secrets; undefined where only the package knows. */
  readonly address: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
  readonly secrets: Secrets;
}

/** One request, from the model object to the reply. */
export class AiSdkRequest {
  readonly #options: AiSdkRequestOptions;
  readonly #exchange: Exchange;
  readonly #request: ObservedRequest;
  readonly #text: ShownText;
  /** How long the answer may take to begin, in milliseconds; for one that is not streamed, until it is whole. */
  readonly #answerMs: number;
  /** The package itself says that the answer is a web page. */
  #sentPage = false;
  /** A package whose request nobody sees has an answer. */
  #hasAnswer = false;

  constructor(options: AiSdkRequestOptions) {
    this.#options = options;
    this.#exchange = new Exchange(options.io.signal, (afterMs) => this.#silence(afterMs));
    const { io, inBody, secrets, streams, idleTimeoutMs } = options;
    // Where the reply is to stream, the answer begins before it: silence is silence from the request on.
    this.#answerMs = streams ? idleTimeoutMs : answerTimeoutMs(idleTimeoutMs);
    const answerMs = this.#answerMs;
    this.#request = new ObservedRequest(this.#exchange, {
      asked: () => askedOf(this.#target),
      io,
      parameters: inBody,
      secrets,
      answerMs,
      idleTimeoutMs,
    });
    this.#text = new ShownText(secrets, (text) => io.onText(text));
  }

  async run(toCall: (model: AiSdkModel) => AiSdkCallOptions): Promise<Reply> {
    const { source, streams, provider, secrets, idleTimeoutMs } = this.#options;
    // What was said before it failed is kept, also where it did not stream.
    let unheard = "";
    let usage: TokenUsage | undefined;
    try {
      const pooled = source.take(this.#request);
      const call = { ...toCall(pooled.model), abortSignal: this.#exchange.signal };
      secrets.note(source.isObserved ? {} : objectDoors(pooled.model));
      if (!source.isObserved) await this.#request.announce(() => shownOptions(call, secrets));
      // What a package does before it sends (to fetch a token, say) is no silence of the vendor's.
      this.#exchange.connection.waitFor(source.isObserved ? answerTimeoutMs(idleTimeoutMs) : this.#answerMs);
      const result = streams ? await this.#streamed(pooled.model, call) : await this.#generated(pooled.model, call);
      if (!streams) unheard = result.content.flatMap(textsOfPart).join("");
      if (!this.#request.announced) throw unseen(provider);
      usage = aiSdkUsage(result.usage, provider);
      const { failure } = this.#request;
      if (failure !== undefined) throw new BrokenOff(failure);
      const reply = aiSdkReply(result, provider, this.#request.lost);
      source.giveBack(pooled);
      return secrets.inReply(reply);
    } catch (thrown) {
      const failed = answerFailure(askedOf(this.#target), thrown, () => usage) ?? thrown;
      if (!(failed instanceof ModelError) || this.#text.hasThrown) throw thrown;
      if (unheard !== "") await this.#text.add(unheard);
      await this.#text.broken();
      const error = secrets.cleanError(this.#pageError(failed) ?? failed);
      throw this.#isAccepted ? afterAcceptance(error) : error;
    } finally {
      this.#exchange.connection.close();
    }
  }

  async #generated(model: AiSdkModel, call: AiSdkCallOptions): Promise<AiSdkResult> {
    return generatedResult(await this.#called(() => model.doGenerate(call)));
  }

  async #streamed(model: AiSdkModel, call: AiSdkCallOptions): Promise<AiSdkResult> {
    const { stream, response } = await this.#called(() => model.doStream(call));
    this.#sentPage = isPageType(response?.headers);
    const reader = stream.getReader();
    const assembly = new ResultAssembly();
    try {
      while (!assembly.complete) {
        const part = await this.#next(reader);
        if (part === undefined) break;
        const text = assembly.add(part);
        const waited = text === undefined ? undefined : this.#text.add(text);
        if (waited !== undefined) await waited;
      }
      if (assembly.complete) {
        await this.#text.end();
        await this.#linger(reader);
      }
    } finally {
      reader.cancel().catch(() => {});
    }
    if (assembly.complete) return assembly.result();
    throw new Unreadable(ENDED_EARLY, undefined);
  }

  /** An answer had begun with a status of success. */
  get #isAccepted(): boolean {
    const { answer } = this.#request;
    return answer === undefined ? this.#hasAnswer : answer.status >= 200 && answer.status <= 299;
  }

  async #called<T>(call: () => PromiseLike<T>): Promise<T> {
    try {
      const answer = await this.#exchange.race(call());
      this.#hasAnswer = true;
      return answer;
    } catch (thrown) {
      throw this.#error(thrown, this.#request.sent);
    }
  }

  /** The next part; undefined at the end. */
  async #next(reader: AiSdkReader): Promise<unknown> {
    this.#exchange.connection.waitFor(this.#options.idleTimeoutMs);
    let next: Awaited<ReturnType<AiSdkReader["read"]>>;
    try {
      next = await this.#exchange.race(reader.read());
    } catch (thrown) {
      throw this.#error(thrown, true);
    }
    this.#exchange.connection.received();
    const part = next.done ? undefined : next.value;
    // Where the package reports that it may not go on by itself, it ends the reply with what it has.
    if (isJsonObject(part) && part.type === "error" && !this.#request.refusedAnother) {
      throw this.#error(part.error, true);
    }
    return part;
  }

  /** Waits a moment for the end, so that the connection can be used again; no fault matters any more. */
  async #linger(reader: AiSdkReader): Promise<void> {
    this.#exchange.connection.endWithin(LINGER_MS);
    await this.#exchange.race(reader.read()).catch(() => {});
    this.#options.io.signal.throwIfAborted();
  }

  #error(thrown: unknown, isAsked: boolean): unknown {
    if (this.#exchange.failure !== undefined) return this.#exchange.failure.error;
    return aiSdkError(thrown, { target: this.#target, isAsked, answer: this.#request.answer });
  }

  #silence(afterMs: number): ModelError {
    const asked = askedOf(this.#target);
    if (!this.#request.isConnecting) return silent(asked, afterMs);
    const { cause } = unconnected();
    return disconnected(asked, cause, cause);
  }

  get #target(): PackageTarget {
    return { ...this.#options, address: this.#options.address ?? this.#request.address };
  }

  /** Of a page, a package sees no more than that the stream ends without a reply. */
  #pageError({ connection, status }: ModelError): ModelError | undefined {
    const { beginning } = this.#request;
    if (!connection || status !== undefined || this.#exchange.failure !== undefined) return undefined;
    if (!this.#sentPage && !isPage(beginning)) return undefined;
    return unreadable(askedOf(this.#target), { problem: "it is a web page", answer: beginning, isPage: true });
  }
}

const LINGER_MS = 250;

function unseen(provider: string): ModelError {
  return new ModelError(
    `The package of ${provider} has not sent its request, as JSON, through the fetch that it was given: no callback could see it. Give aiSdk() the model object itself.`,
  );
}

function isPageType(headers: Readonly<Record<string, string>> | undefined): boolean {
  return /^text\/html\b/i.test(new Headers(headers).get("content-type") ?? "");
}
