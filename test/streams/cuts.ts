import type { EventRecord, JsonObject } from "llmproc";
import { LLMProgram, RunError, tool } from "llmproc";
import type { CutAnswer, CutServer, Plan } from "./cut-server.ts";
import { withCutServer } from "./cut-server.ts";
import type { StreamFormat } from "./stream-format.ts";
import { bytesOf, CALLS, TEXT } from "./stream-format.ts";

/** How a stream is cut: what still comes behind the cut, and how the connection ends. */
export interface Way {
  readonly name: string;
  readonly after: (format: StreamFormat) => string;
  readonly ending: "end" | "reset" | "stall";
  /** At the same time: where time decides, few enough that nobody waits for the processor. */
  readonly atOnce: number;
}

export const WAYS: readonly Way[] = [
  { name: "the connection ends", after: () => "", ending: "end", atOnce: 20 },
  { name: "the connection is reset", after: () => "", ending: "reset", atOnce: 40 },
  { name: "the vendor sends an error", after: ({ errorEvent }) => `\n\n${errorEvent}`, ending: "end", atOnce: 20 },
  { name: "a malformed line comes", after: () => '\ndata: {"oops\n\n', ending: "end", atOnce: 20 },
  { name: "nothing more comes", after: () => "", ending: "stall", atOnce: 60 },
];

/** Long enough for a busy machine: a stream that only waits for the processor is not silent. */
const IDLE_MS = 3000;
const NEVER_IDLE_MS = 100_000;
const MARKED = "the place is marked";

/**
 * Cuts a format's stream in one way, behind these numbers of bytes, and holds the loop to what it promises. Returns what was
 * wrong, as sentences. (Faults, row 9.)
 */
export async function cutFaults(format: StreamFormat, way: Way, offsets: readonly number[]): Promise<string[]> {
  const whole = bytesOf(format.stream);
  const faults: string[] = [];
  await withCutServer((server) =>
    inParallel(offsets, way.atOnce, async (offset) => {
      const faultsHere = await cutAt(format, server, whole, offset, way);
      faults.push(...faultsHere.map((fault) => `byte ${offset}: ${fault}`));
    }),
  );
  return faults;
}

/** The same for a stream that comes one byte at a time. */
export async function byteByByteFaults(format: StreamFormat): Promise<string[]> {
  const whole = bytesOf(format.stream);
  const answer = (number: number) => (number === 1 ? { ...streamOf(whole), byteByByte: true } : doneOf(format));
  const { plan, outcome } = await withCutServer((server) => runPlan(format, server, answer, { id: "bytes" }));
  return wholeFaults(format, plan, outcome, 1);
}

/** Every byte of the stream. */
export function everyByte(format: StreamFormat): readonly number[] {
  return Array.from({ length: bytesOf(format.stream).length }, (_, offset) => offset);
}

/** So many bytes from the end of each event, where what has arrived changes, and one within each. */
export function aroundEvents(format: StreamFormat, distances: readonly number[]): readonly number[] {
  const chosen = new Set<number>();
  let end = 0;
  for (const piece of format.stream) {
    const { length } = bytesOf([piece]);
    chosen.add(end + Math.floor(length / 2));
    end += length;
    for (const distance of distances) chosen.add(end + distance);
  }
  return [...chosen].filter((offset) => offset < end);
}

async function cutAt(
  format: StreamFormat,
  server: CutServer,
  whole: Buffer,
  offset: number,
  { after, ending }: Way,
): Promise<readonly string[]> {
  const body = Buffer.concat([whole.subarray(0, offset), Buffer.from(after(format))]);
  const heard = piecesIn(format, body, ending);
  const text = format.stream.slice(0, heard).reduce((sum, piece) => sum + (piece.text ?? ""), "");
  const isWhole = heard >= format.wholeAfter;
  const answers = (number: number): CutAnswer => {
    if (number === 1) return { ...streamOf(body), ending };
    // Before the first text the request is sent again, and gets all.
    return number === 2 && text === "" ? streamOf(whole) : doneOf(format);
  };
  const idleTimeoutMs = ending === "stall" ? IDLE_MS : NEVER_IDLE_MS;
  const id = `${ending}-${after(format).length}-${offset}`;
  const { plan, outcome } = await runPlan(format, server, answers, { id, idleTimeoutMs });
  if (isWhole) return wholeFaults(format, plan, outcome, 1);
  if (text === "") return wholeFaults(format, plan, outcome, 2);
  return brokenFaults(format, plan, outcome, text);
}

/** How many of the stream's events have arrived in full: at a proper end, the blank line may be missing. */
function piecesIn(format: StreamFormat, body: Buffer, ending: Way["ending"]): number {
  const text = `${body.toString("utf8")}${ending === "end" ? "\n\n" : ""}`;
  let end = 0;
  let count = 0;
  for (const { raw } of format.stream) {
    if (!text.startsWith(raw, end)) break;
    end += raw.length;
    count++;
  }
  return count;
}

interface Outcome {
  readonly records: readonly EventRecord[];
  readonly ran: readonly JsonObject[];
  readonly first: Awaited<ReturnType<typeof settle>>;
  /** Of the run after one that broke. */
  readonly second: Awaited<ReturnType<typeof settle>> | undefined;
  readonly messages: readonly JsonObject[];
}

async function runPlan(
  format: StreamFormat,
  server: CutServer,
  answer: Plan["answer"],
  { id, idleTimeoutMs = NEVER_IDLE_MS }: { id: string; idleTimeoutMs?: number },
) {
  const plan: Plan = { id, bodies: [], answer };
  server.add(plan);
  const ran: JsonObject[] = [];
  const mark = tool({
    name: "mark",
    description: "Marks a place.",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
    execute(args) {
      ran.push({ ...args });
      return MARKED;
    },
  });
  const model = format.model({ baseURL: server.url, headers: { "x-plan": id }, idleTimeoutMs });
  const program = new LLMProgram({ model, tools: [mark], retry: { maxAttempts: 2, initialDelayMs: 0 } });
  const proc = await program.start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  const first = await settle(proc.run("Mark both."));
  const messages = proc.messages.map((message) => message as unknown as JsonObject);
  const second = first.error && (await settle(proc.run("Go on.")));
  await proc.close();
  return { plan, outcome: { records, ran, first, second, messages } satisfies Outcome };
}

async function settle(run: Promise<{ lastMessage: string; stopReason: unknown }>) {
  try {
    const { lastMessage, stopReason } = await run;
    return { lastMessage, stopReason, error: undefined };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { lastMessage: error.result.lastMessage, stopReason: error.stopReason, error };
  }
}

/** The whole reply in the `attempts`-th attempt: its tools ran, once each, and the model was told. */
function wholeFaults(format: StreamFormat, plan: Plan, outcome: Outcome, attempts: number): string[] {
  const { records, ran, first } = outcome;
  const faults = objectionsTo(format, plan);
  const errors = records.filter(({ event }) => event === "api_error");
  const texts = records.flatMap((record) => (record.event === "response" ? [record.text] : []));
  if (errors.length !== attempts - 1) faults.push(`${errors.length} failed attempts, not ${attempts - 1}`);
  if (!errors.every((record) => record.event === "api_error" && record.retry)) faults.push("an error without a retry");
  if (first.stopReason !== "end") faults.push(`the run ended as ${String(first.stopReason)}: ${first.error?.message}`);
  if (texts[0] !== TEXT) faults.push(`it said ${JSON.stringify(texts[0])}`);
  if (JSON.stringify(ran) !== JSON.stringify(CALLS.map(({ args }) => args))) faults.push(`ran ${JSON.stringify(ran)}`);
  if (plan.bodies.length !== attempts + 1) faults.push(`${plan.bodies.length} requests, not ${attempts + 1}`);
  return faults;
}

/** A reply that broke after its first text: not sent again, its text kept and marked, no tool run. */
function brokenFaults(format: StreamFormat, plan: Plan, outcome: Outcome, text: string): string[] {
  const { records, ran, first, second, messages } = outcome;
  const faults = objectionsTo(format, plan);
  const errors = records.filter((record) => record.event === "api_error");
  const kept = messages.at(-1);
  if (errors.length !== 1 || errors.some(({ retry }) => retry)) faults.push("not one error without a retry");
  if (first.stopReason !== "interrupted") faults.push(`the run ended as ${String(first.stopReason)}, not interrupted`);
  if (first.lastMessage !== text) faults.push(`it says ${JSON.stringify(first.lastMessage)}, not ${text}`);
  if (kept?.text !== text || kept.interrupted !== true) faults.push(`it kept ${JSON.stringify(kept)}`);
  if (ran.length > 0) faults.push(`ran ${JSON.stringify(ran)}`);
  if (plan.bodies.length !== 2) faults.push(`${plan.bodies.length} requests, not 2`);
  if (!JSON.stringify(plan.bodies.at(-1) ?? {}).includes(JSON.stringify(text).slice(1, -1)))
    faults.push("the text is lost");
  if (second?.stopReason !== "end") faults.push(`the next run ended as ${String(second?.stopReason)}`);
  return faults;
}

function objectionsTo(format: StreamFormat, plan: Plan): string[] {
  return plan.bodies.flatMap((body, place) =>
    format.objections(body).map((objection) => `request ${place + 1}: ${objection}`),
  );
}

function streamOf(body: Buffer): CutAnswer {
  return { contentType: "text/event-stream; charset=utf-8", body };
}

function doneOf({ done }: StreamFormat): CutAnswer {
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(done)) };
}

async function inParallel(
  offsets: readonly number[],
  atOnce: number,
  work: (offset: number) => Promise<void>,
): Promise<void> {
  const waiting = offsets.values();
  const worker = async () => {
    for (const offset of waiting) await work(offset);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
