import type { EventRecord, RunResult } from "llmproc";
import { LLMProgram, RunError, tool } from "llmproc";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../src/json.ts";
import { isJsonObject } from "../../src/json.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { chatVoice, DONE } from "../support/chat-server.ts";
import type { WireEvent } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";

/** A format that servers speak, each in its own way. */
export type OddFormat = "chat" | "messages" | "responses";

/** What comes of a reply, in a run that could go on after it. */
export type Outcome =
  /** It is the answer, and the run ends so. `usage` is input and output, `flag` why that is not certain. */
  | {
      readonly answer: string;
      readonly stop?: RunResult["stopReason"];
      readonly usage?: readonly [number, number];
      readonly flag?: string;
    }
  /** The tool ran, once for each of these arguments, in this order, and the model was told. */
  | { readonly ran: readonly JsonObject[] }
  /** Nothing ran, and the model was told why. */
  | { readonly told: RegExp }
  /** The attempt failed with these words, and the request was sent again. */
  | { readonly retried: RegExp; readonly status?: number }
  /** The run failed with these words, and this text of the reply was kept. */
  | { readonly interrupted: string; readonly because: RegExp };

/** A reply as such a server sends it, streamed or whole or in both ways. */
export interface OddReply {
  readonly format: OddFormat;
  readonly stream?: readonly WireEvent[];
  readonly whole?: object;
  readonly outcome: Outcome;
}

/** Something that servers do though the format's documentation says otherwise, or nothing. */
export interface Oddity {
  /** What they do, as the docs have it. */
  readonly name: string;
  /** The word of the docs for what comes of it. */
  readonly becomes: string;
  readonly replies: readonly OddReply[];
}

/** A kind of model that speaks one of the formats, whoever reads it. */
export interface OddKind {
  readonly name: string;
  readonly format: OddFormat;
  /** A whole reply that says "done". */
  readonly done: object;
  model(url: string): Model;
  /** What it cannot read as said, it may fail with: but it is never a part of an answer, or another one. @default false */
  readonly mayFail?: boolean;
  /** Where this kind cannot do as the outcome says: what it does, or undefined where the row is not for it. */
  readonly differs?: (oddity: Oddity, reply: OddReply) => Outcome | "skip" | undefined;
}

/** Runs every oddity that can occur in the format of a kind. */
export function serversReally(kind: OddKind, oddities: readonly Oddity[]): void {
  describe(`${kind.name}: how servers really are`, () => {
    const rows = oddities.flatMap((oddity) => {
      const replies = oddity.replies.filter(({ format }) => format === kind.format);
      return replies.length === 0 ? [] : [{ oddity, replies }];
    });
    for (const { oddity, replies } of rows) {
      test(oddity.name, async () => {
        expect.hasAssertions();
        for (const reply of replies) await holds(kind, oddity, reply);
      });
    }
  });
}

async function holds(kind: OddKind, oddity: Oddity, reply: OddReply): Promise<void> {
  const outcome = kind.differs?.(oddity, reply) ?? reply.outcome;
  if (outcome === "skip") return;
  const bodies = [reply.stream && encoded(reply.stream), reply.whole && written(reply.whole)];
  for (const [place, raw] of bodies.entries()) {
    if (raw === undefined) continue;
    const isStreamed = place === 0;
    const seen = await run(kind, raw, isStreamed);
    if (kind.mayFail === true && seen.errors.length > 0) {
      expect.soft(seen.ran, raw).toEqual([]);
      continue;
    }
    expect.soft(seen, `${isStreamed ? "streamed" : "whole"}: ${raw}`).toMatchObject(expected(outcome));
    if ("answer" in outcome) expect.soft(["", visible(outcome.answer)]).toContain(visible(seen.streamed));
  }
}

/** All that can be seen of a text: what was streamed may have come in another order, and with other blanks. */
function visible(text: string): string {
  return Array.from(text.replace(/\s/g, "")).sort().join("");
}

function expected(outcome: Outcome): object {
  if ("answer" in outcome) {
    const { answer, stop = "end", usage, flag } = outcome;
    return {
      lastMessage: answer,
      stopReason: stop,
      errors: [],
      ran: [],
      ...(usage && { usage }),
      ...((usage || flag) && { flags: flag === undefined ? [] : [flag] }),
    };
  }
  if ("ran" in outcome) return { ran: outcome.ran, told: [], errors: [], lastMessage: "done", stopReason: "end" };
  if ("told" in outcome) {
    return { ran: [], told: [expect.stringMatching(outcome.told)], errors: [], lastMessage: "done", stopReason: "end" };
  }
  if ("retried" in outcome) {
    const { retried, status } = outcome;
    const error = { message: expect.stringMatching(retried), isRetried: true, ...(status && { status }) };
    return { errors: [error], ran: [], lastMessage: "done", stopReason: "end" };
  }
  const error = { message: expect.stringMatching(outcome.because), isRetried: false };
  return { errors: [error], ran: [], lastMessage: outcome.interrupted, stopReason: "interrupted" };
}

/** A run whose first request gets the odd reply, and each other "done". */
async function run(kind: OddKind, raw: string, isStreamed: boolean) {
  const headers = { "content-type": isStreamed ? "text/event-stream" : "application/json" };
  const done = { raw: JSON.stringify(kind.done) };
  await using server = await wireServer(chatVoice, [{ raw, headers }, done, done]);
  const ran: JsonObject[] = [];
  const note = tool({
    name: "note",
    description: "Takes a note.",
    parameters: { type: "object" },
    execute(args) {
      ran.push({ ...args });
      return "noted";
    },
  });
  const parameters = { max_tokens: 100, ...(!isStreamed && { stream: false }) };
  const retry = { maxAttempts: 2, initialDelayMs: 0 };
  const program = new LLMProgram({ model: kind.model(server.url), tools: [note], parameters, retry });
  await using proc = await program.start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  const { result, stopReason } = await settled(proc.run("Note it."));
  return {
    lastMessage: result.lastMessage,
    stopReason,
    ran,
    told: toldIn(records),
    errors: records.flatMap((record) =>
      record.event === "api_error"
        ? [{ message: record.error.message, isRetried: record.retry !== undefined, status: record.error.status }]
        : [],
    ),
    streamed: records.flatMap((record) => (record.event === "response_delta" ? [record.text] : [])).join(""),
    usage: [result.inputTokens, result.outputTokens],
    flags: result.flags.map(({ reason }) => reason).filter((reason) => reason !== "no_price"),
  };
}

/** Stands in an event or a reply for JSON that `JSON.stringify` would not write. */
export function asItIs(json: string): string {
  return `\u0000${json}`;
}

export function written(value: object): string {
  return JSON.stringify(value).replace(/"\\u0000((?:[^"\\]|\\.)*)"/g, (_all, json: string) =>
    String(JSON.parse(`"${json}"`)),
  );
}

/** The bytes on the wire, whatever the format: some servers end every stream with `[DONE]`. */
export function encoded(events: readonly WireEvent[]): string {
  const lines = events.map((event) => {
    const name = typeof event.type === "string" ? `event: ${event.type}\n` : "";
    return event === DONE ? "data: [DONE]" : `${name}data: ${written(event)}`;
  });
  return lines.map((line) => `${line}\n\n`).join("");
}

async function settled(run: Promise<RunResult>) {
  try {
    const result = await run;
    return { result, stopReason: result.stopReason };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { result: error.result, stopReason: error.stopReason };
  }
}

/** The errors that the model reads as results of its calls. */
function toldIn(records: readonly EventRecord[]): string[] {
  return records.flatMap((record) =>
    record.event === "tool_end" && record.result.isError ? [textIn(record.result.content)] : [],
  );
}

function textIn(content: JsonValue): string {
  return typeof content === "string" ? content : JSON.stringify(isJsonObject(content) ? content : [content]);
}
