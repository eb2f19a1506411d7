import { describe } from "../../errors.ts";
import type { Retry } from "../../events/callback-event.ts";
import type { CallbackFault } from "../../events/callback-fault.ts";
import type { ContextChange } from "../../events/context-change.ts";
import type { EventInfo } from "../../events/event-info.ts";
import type { Prompt } from "../../events/message.ts";
import { ShadowReport } from "../../events/shadow-report.ts";
import type { ToolResult } from "../../events/tool-result.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { durationText } from "../../text/duration.ts";
import { excerpt } from "../../text/excerpt.ts";

/** Longer than any line: the line cuts it to what fits. */
const MAX_LENGTH = 500;
/** Columns of a reason in brackets. */
const MAX_REASON = 40;

/** What a call of a tool came to, for people. */
export interface CallOutcome {
  readonly kind: "done" | "error" | "denied";
  /** Why, where it did not go well; else what a callback had to do with it. */
  readonly reason: string;
}

export function callOutcome(result: ToolResult, info: EventInfo): CallOutcome {
  const reason = result.content.slice(0, MAX_LENGTH);
  if (info.deniedBy !== undefined) return { kind: "denied", reason: refusal("denied", info.deniedBy, reason) };
  if (info.withheldBy !== undefined) return { kind: "denied", reason: refusal("withheld", info.withheldBy, reason) };
  if (result.isError) return { kind: "error", reason };
  if (info.answeredBy !== undefined) return { kind: "done", reason: `answered by ${info.answeredBy}` };
  const replaced = info.resultReplacedBy === undefined ? "" : `result replaced by ${info.resultReplacedBy}`;
  const became = info.replacedArgs === undefined ? "" : `became ${argsText(info.replacedArgs)}`;
  return { kind: "done", reason: [became, replaced, failedText(result.content)].filter(Boolean).join(", ") };
}

function refusal(what: "denied" | "withheld", by: string, reason: string): string {
  return reason.startsWith(`${what} by callback`) ? `${what} by ${by}` : `${what} by ${by}: ${reason}`;
}

/** `1 of 3 failed`, of a result that lists what each child came to, as that of `fork` does. */
function failedText(content: string): string {
  if (!content.startsWith('[{"id":0,')) return "";
  let answers: readonly unknown[];
  try {
    answers = JSON.parse(content) as readonly unknown[];
  } catch {
    return "";
  }
  const isAnswer = (one: unknown, id: number) =>
    isJsonObject(one) && one.id === id && typeof (one.message ?? one.error) === "string";
  if (!answers.every(isAnswer)) return "";
  const failed = answers.filter((one) => isJsonObject(one) && "error" in one);
  return failed.length === 0 ? "" : `${failed.length} of ${answers.length} failed`;
}

/** `path="src" depth=2`; only as much of long or deep values as can be shown. */
export function argsText(args: JsonObject): string {
  const parts: string[] = [];
  let length = 0;
  for (const key of Object.keys(args)) {
    const part = `${key}=${valueText(args[key], 0)}`;
    parts.push(part);
    length += part.length;
    if (length > MAX_LENGTH) break;
  }
  return parts.join(" ");
}

function valueText(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MAX_LENGTH));
  if (typeof value !== "object" || value === null) return String(value);
  if (depth === 2) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, 5).map((item: unknown) => valueText(item, depth + 1));
    return `[${items.join(", ")}${value.length > 5 ? ", …" : ""}]`;
  }
  // Checked arguments may be anything that a schema makes of JSON: a Date, a Map.
  if (Object.getPrototypeOf(value) !== Object.prototype) return describe(value);
  const entries = Object.entries(value).slice(0, 5);
  return `{${entries.map(([key, item]) => `${key}: ${valueText(item, depth + 1)}`).join(", ")}}`;
}

/** The text of a prompt; other parts by their kind: `What is on it? [image]`. */
export function promptText(prompt: Prompt): string {
  if (typeof prompt === "string") return prompt.slice(0, MAX_LENGTH);
  return prompt.map((block) => (block.type === "text" ? block.text.slice(0, MAX_LENGTH) : `[${block.type}]`)).join(" ");
}

/** `said: Be brief.` */
export function changeText({ added }: ContextChange): string {
  const said = added.map((message) => (message.role === "user" ? promptText(message.content) : message.role));
  return said.length === 0 ? "what was said has no answer: it is out of the conversation" : `said: ${said.join(" ")}`;
}

/** `429 Too many requests`; the status once, also where the message begins with it. */
export function apiErrorText(error: Error): string {
  const status = statusOf(error);
  const message = error.message.slice(0, MAX_LENGTH);
  return status === undefined || message.includes(String(status)) ? message : `${status} ${message}`;
}

/** `retrying in 4 s (429), attempt 2 of 6: Too many requests` */
export function retryText(error: Error, retry: Retry): string {
  return `${waitText(reasonOf(error), retry)}: ${error.message.slice(0, MAX_LENGTH)}`;
}

/** As `retryText` while the time runs, in brief: the reason alone, where there is a short one. */
export function countdownText(error: Error, retry: Retry, leftMs: number): string {
  const left = { ...retry, delayMs: leftMs };
  const reason = reasonOf(error);
  return reason === "" ? retryText(error, left) : waitText(reason, left);
}

function waitText(reason: string, { attempt, maxAttempts, delayMs }: Retry): string {
  const why = reason === "" ? "" : ` (${reason})`;
  return `retrying ${untilText(delayMs)}${why}, attempt ${attempt} of ${maxAttempts}`;
}

function untilText(delayMs: number): string {
  if (delayMs <= 0) return "now";
  if (delayMs < 1000) return "in under 1 s";
  return `in ${delayMs < 59_500 ? `${Math.round(delayMs / 1000)} s` : durationText(delayMs)}`;
}

/** The status, or what the connection did: `429`, `read ECONNRESET`; empty where the message alone can tell. */
function reasonOf(error: Error): string {
  const status = statusOf(error);
  if (status !== undefined) return String(status);
  let root = error;
  for (let depth = 0; depth < 8 && root.cause instanceof Error; depth++) root = root.cause;
  if (root === error) return "";
  // An error for several addresses has no text of its own, but a code.
  const { code } = root as { code?: unknown };
  return excerpt(root.message || (typeof code === "string" ? code : ""), MAX_REASON);
}

function statusOf(error: Error): number | undefined {
  const { status } = error as { status?: unknown };
  return typeof status === "number" ? status : undefined;
}

export function faultText({ callback, event, reason, error, missed }: CallbackFault): string {
  // It tells by itself what would have happened: `callback shadow of costLimit would have …`.
  if (error instanceof ShadowReport) return `callback ${callback} ${error.message.slice(0, MAX_LENGTH)}`;
  const what = reason === "timeout" ? "took too long" : `threw ${error.name}: ${error.message.slice(0, MAX_LENGTH)}`;
  const loss = missed > 0 ? ` (${missed} ${missed === 1 ? "event" : "events"} missed)` : "";
  return `callback ${callback} ${what} in ${event}${loss}`;
}
