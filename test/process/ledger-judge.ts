// The judge of the limits. It imports nothing: it knows requests as the bytes that came, and has prices of its own.

/** US dollars for a million tokens. */
export interface JudgePrices {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly cacheWrite1h: number;
}

export interface JudgeOptions {
  readonly seed: number;
  readonly prices: JudgePrices;
  /** How much of `max_tokens` replies use: a fixed part, or anything. */
  readonly outputPart?: number;
  /** How often a request fails, from 0 to 1. */
  readonly faults: number;
  /** The most tokens of a prompt that nobody sees. */
  readonly unseenTokens: number;
}

export interface JudgeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly cacheWrite1hTokens: number;
}

/** What becomes of a request. `usage` is what it was billed, told or not. */
export type Verdict =
  | { readonly kind: "reply"; readonly usage: JudgeUsage; readonly usd: number }
  | { readonly kind: "status"; readonly status: number }
  /** The connection breaks: before any answer, or after some text. */
  | { readonly kind: "broken"; readonly afterText: boolean; readonly usage: JudgeUsage };

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };
type Body = { readonly max_tokens: number; readonly messages: readonly Json[]; readonly [key: string]: Json };

/** Counts the bytes of each request and bills the worst that a tokeniser could make of them, the same each time. */
export class Judge {
  /** What clients were told that they pay. */
  toldUsd = 0;
  /** What was billed for requests that broke. */
  untoldUsd = 0;
  tokens = 0;
  requests = 0;
  /** Called for each request, with how many there were. */
  onRequest: (count: number) => void = () => {};
  readonly random: () => number;
  readonly #options: JudgeOptions;
  /** Some tokenisers are as bad as can be, others find longer tokens. */
  readonly #tokensPerByte: number;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.random = randomOf(options.seed);
    this.#tokensPerByte = this.random() < 0.5 ? 1 : 0.2 + this.random() * 0.8;
  }

  get billedUsd(): number {
    return this.toldUsd + this.untoldUsd;
  }

  /** Decides over the body of one request, as it came over the wire. */
  serve(raw: string): Verdict {
    this.requests++;
    this.onRequest(this.requests);
    const body = JSON.parse(raw) as Body;
    const { faults } = this.#options;
    if (this.random() < faults) return this.#fail(body, raw);
    const usage = this.#use(body, raw, this.#outputTokens(body));
    const usd = this.#price(usage);
    return { kind: "reply", usage, usd };
  }

  /** The client has got the reply, with its usage. */
  told({ usage, usd }: Verdict & { kind: "reply" }): void {
    this.toldUsd += usd;
    this.tokens += usage.inputTokens + usage.outputTokens;
  }

  /** The client was gone before the reply came: it pays nevertheless. */
  untold(usage: JudgeUsage): void {
    this.untoldUsd += this.#price(usage);
    this.tokens += usage.inputTokens + usage.outputTokens;
  }

  #fail(body: Body, raw: string): Verdict {
    const status = pick([400, 429, 429, 500, 502, 503, 529, 0, 0, 0, 0], this.random());
    const gone = this.#use(body, raw, Math.floor(this.random() * (body.max_tokens + 1)));
    if (status === 0) {
      this.untold(gone);
      return { kind: "broken", afterText: this.random() < 0.4, usage: gone };
    }
    // Who fails in the midst of the work may bill it.
    if ((status === 500 || status === 502) && this.random() < 0.5) this.untold(gone);
    return { kind: "status", status };
  }

  #outputTokens(body: Body): number {
    const part = this.#options.outputPart ?? (this.random() < 0.2 ? 1 : this.random());
    // A reply says something.
    return Math.max(1, Math.floor(body.max_tokens * part));
  }

  #use(body: Body, raw: string, outputTokens: number): JudgeUsage {
    const inputTokens = this.#inputTokens(body) + Math.floor(this.random() * this.#options.unseenTokens);
    const read = this.random() < 0.5 ? Math.floor(inputTokens * this.random()) : 0;
    const written = this.random() < 0.7 ? Math.floor((inputTokens - read) * this.random()) : inputTokens - read;
    const forAnHour = raw.includes('"ttl":"1h"') ? Math.floor(written * this.random()) : 0;
    return {
      inputTokens,
      outputTokens,
      cacheReadTokens: read,
      cacheWriteTokens: written,
      cacheWrite1hTokens: forAnHour,
    };
  }

  /** Every part of a body counts by itself, so that a conversation that goes on keeps what it had. */
  #inputTokens({ messages, tools, ...rest }: Body): number {
    const parts = [...messages, ...(Array.isArray(tools) ? (tools as readonly Json[]) : []), rest.system ?? ""];
    return parts.reduce<number>((sum, part) => sum + this.#tokensOf(part), 0);
  }

  /** A few tokens around it, one for each byte of its texts, and what the arguments of calls become when written out. */
  #tokensOf(part: Json): number {
    return 4 + Math.ceil(this.#tokensPerByte * bytesOf(part));
  }

  #price(usage: JudgeUsage): number {
    const { input, output, cacheRead, cacheWrite, cacheWrite1h } = this.#options.prices;
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens } = usage;
    const plain = inputTokens - cacheReadTokens - cacheWriteTokens;
    const short = cacheWriteTokens - cacheWrite1hTokens;
    return (
      (plain * input +
        cacheReadTokens * cacheRead +
        short * cacheWrite +
        cacheWrite1hTokens * cacheWrite1h +
        outputTokens * output) /
      1e6
    );
  }
}

/** The bytes that a model would read: texts as they are, all else written out with tags and escapes. */
function bytesOf(part: Json): number {
  if (typeof part === "string") return Buffer.byteLength(part);
  if (typeof part !== "object" || part === null) return 5;
  if (Array.isArray(part)) return (part as readonly Json[]).reduce<number>((sum, item) => sum + bytesOf(item), 0);
  const table = part as { readonly [key: string]: Json };
  return Object.entries(table).reduce((sum, [key, value]) => {
    if (key === "input" || key === "input_schema") return sum + writtenOut(value);
    return sum + 2 + bytesOf(value);
  }, 0);
}

/** `<parameter name="KEY">VALUE</parameter>` for each, the value as Python writes JSON: with spaces, ASCII only. */
function writtenOut(value: Json): number {
  if (typeof value !== "object" || value === null) return asciiBytes(JSON.stringify(value ?? null));
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return entries.reduce((sum, [key, item]) => sum + 18 + asciiBytes(key) + writtenOut(item) + 2, 2);
}

function asciiBytes(text: string): number {
  let bytes = 0;
  for (const unit of text.split("")) bytes += unit.charCodeAt(0) > 0x7e ? 6 : 1;
  return bytes;
}

function pick<T>(list: readonly [T, ...T[]], random: number): T {
  return list[Math.floor(random * list.length)] ?? list[0];
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
