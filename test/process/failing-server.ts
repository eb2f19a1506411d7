import type { JsonObject } from "llmproc";
import type { WantedReply } from "../models/conformance.ts";
import { mulberry32 } from "../support/mulberry32.ts";
import type { WireAnswer, WireEvent, WireScript } from "../support/wire-server.ts";
import type { Format } from "./formats.ts";

/** US dollars for a million tokens; input may be billed at the price of the cache's writes. */
export const PRICES = { input: 3, output: 15, cacheWrite: 3.75 } as const;

export interface Bill {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * A vendor that fails in the middle of everything that it can fail in. Its own ledger knows requests as the bytes that
 * came, and bills each one that it took, told or not; those that it refuses by their status cost nothing.
 */
export class FailingServer {
  billedUsd = 0;
  requests = 0;
  /** How each request was answered, to see that everything was tried. */
  readonly played = new Map<string, number>();
  readonly #random: () => number;
  readonly #format: Format;
  readonly #maxTokens: number;

  constructor(format: Format, maxTokens: number, seed: number) {
    this.#format = format;
    this.#maxTokens = maxTokens;
    this.#random = mulberry32(seed);
  }

  answer(raw: string): WireAnswer {
    this.requests++;
    // Fewer tokens than bytes of text, always: what is around a text is not billed here.
    const inputTokens = 1 + Math.floor(this.#random() * textBytes(JSON.parse(raw) as JsonObject));
    const bill = { inputTokens, outputTokens: 1 + Math.floor(this.#random() * this.#maxTokens) };
    if (this.#random() < 0.4) {
      this.#note("a whole reply", bill);
      return { message: this.#reply(raw, bill) };
    }
    // An answer that is not streamed has ten minutes, one of a named package a minute: nobody waits for that here.
    const mayStall = raw.includes('"stream":true') && this.#format.takesIdleTimeout;
    const ways = Object.entries(WAYS).filter(([name]) => mayStall || !name.includes("stall"));
    const [name, way] = ways[Math.floor(this.#random() * ways.length)] ?? ["", () => ({ isBilled: true, answer: {} })];
    const script = this.#reply(raw, bill);
    const events = this.#format.events(script);
    const { isBilled, answer } = way({ format: this.#format, script, events, random: this.#random });
    this.#note(name, isBilled ? bill : undefined);
    return answer;
  }

  #note(name: string, bill: Bill | undefined): void {
    this.played.set(name, (this.played.get(name) ?? 0) + 1);
    if (bill === undefined) return;
    const { inputTokens, outputTokens } = bill;
    this.billedUsd += (inputTokens * PRICES.input + outputTokens * PRICES.output) / 1e6;
  }

  #reply(raw: string, { inputTokens, outputTokens }: Bill): WireScript {
    const isChild = raw.includes("You are the child process");
    const isFirst = !raw.includes("call_");
    const call = (name: string, args: JsonObject) => [{ id: `call_${this.requests}`, name, args }];
    const prompts = Array.from({ length: 5 }, (_, place) => `part ${place} für dich`);
    let said: WantedReply = { thinking: "hmm", text: "This is done, as you asked." };
    if (!isChild && isFirst) said = { toolCalls: call("fork", { prompts }) };
    else if (isChild && this.#random() < 0.5) said = { text: "I work.", toolCalls: call("work", { text: "schön" }) };
    const usage = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
    return this.#format.toScript({ ...said, usage });
  }
}

interface Scene {
  readonly format: Format;
  readonly script: WireScript;
  readonly events: readonly WireEvent[];
  readonly random: () => number;
}

type Way = (scene: Scene) => { readonly isBilled: boolean; readonly answer: WireAnswer };

const billed = (answer: WireAnswer) => ({ isBilled: true, answer });
const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)] as T;

/** So many of the events, or none of them. */
const begun = ({ events, random }: Scene): readonly WireEvent[] =>
  events.slice(0, Math.floor(random() * events.length));

function cutAt({ format, events, random }: Scene): number {
  return Math.floor(random() * Buffer.byteLength(format.encode(events)));
}

const WAYS: Readonly<Record<string, Way>> = {
  "a reset before the headers": () => billed({ resetAtOnce: true }),
  "an end before the headers": () => billed({ closeAtOnce: true }),
  "headers, and a reset": () => billed({ message: {}, cutAfterBytes: 0 }),
  "headers, and an end": () => billed({ message: {}, cutAfterBytes: 0, afterCut: "end" }),
  "a reset anywhere": (scene) => billed({ message: scene.script, cutAfterBytes: cutAt(scene) }),
  "an end anywhere": (scene) => billed({ message: scene.script, cutAfterBytes: cutAt(scene), afterCut: "end" }),
  "a stall anywhere": (scene) => billed({ message: scene.script, cutAfterBytes: cutAt(scene), afterCut: "stall" }),
  "an error within the stream": (scene) =>
    billed({ events: [...begun(scene), pick(scene.format.errorEvents, scene.random)] }),
  "an error in place of the stream": ({ format, random }) => billed({ events: [pick(format.errorEvents, random)] }),
  "an error as JSON with status 200": ({ random }) => {
    const type = pick(["rate_limit_error", "overloaded_error", "invalid_request_error", "odd"], random);
    return billed({ raw: JSON.stringify({ type: "error", error: { type, code: 429, message: "x" } }) });
  },
  "a page with status 200": () => billed({ raw: "<html>busy</html>", headers: { "content-type": "text/html" } }),
  "nothing with status 200": () => billed({ raw: "" }),
  "a malformed event": (scene) =>
    billed({
      raw: `${scene.format.encode(begun(scene))}data: {"oops\n\n`,
      headers: { "content-type": "text/event-stream" },
    }),
  "no usage": ({ script }) => billed({ message: { ...script, usage: null } }),
  "usage of zero": ({ script }) => billed({ message: { ...script, usage: zeros(script.usage) } }),
  "usage that is negative": ({ script }) => billed({ message: { ...script, usage: negated(script.usage) } }),
  "usage that is no number": ({ script }) => billed({ message: { ...script, usage: texts(script.usage) } }),
  "a redirect": ({ random }) => {
    const status = pick([301, 302, 303, 307, 308], random);
    return billed({ status, headers: { location: "/elsewhere" }, raw: "" });
  },
  "a status that says nothing of the bill": ({ random }) =>
    billed({ status: pick([408, 500, 502, 504], random), raw: '{"error":{"message":"x"}}' }),
  "a status that refuses": ({ random }) => ({
    isBilled: false,
    answer: { status: pick([429, 503, 529], random), raw: '{"error":{"message":"x"}}' },
  }),
};

/** Everything that can be tried, by name. */
export const WAY_NAMES: readonly string[] = ["a whole reply", ...Object.keys(WAYS)];

function mapped(usage: unknown, change: (count: number) => unknown): Record<string, unknown> {
  const entries = Object.entries((usage ?? {}) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (typeof value === "number" ? [[key, change(value)]] : [])),
  );
}

const zeros = (usage: unknown) => mapped(usage, () => 0);
const negated = (usage: unknown) => mapped(usage, (count) => -count);
const texts = (usage: unknown) => mapped(usage, (count) => `${count}`);

/** The bytes of all texts in a body. */
function textBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, item) => sum + textBytes(item), 0);
}
