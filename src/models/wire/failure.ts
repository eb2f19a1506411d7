import { describe } from "../../errors.ts";
import type { ModelErrorOptions, TokenUsage } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import { connectionFault } from "./connection-fault.ts";
import { errorBody, oneLine, parsedBody } from "./error-body.ts";
import { elsewhereAdvice, redirectAddress, sendsElsewhere } from "./redirect.ts";
import { retryAdvice } from "./retry-advice.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

/** Whom a request goes to, as far as errors tell, whoever sends it: this package or one of the AI SDK. */
export interface Asked {
  /** As people call it: "Anthropic", the host of a server without a name, the provider of a package. */
  readonly vendor: string;
  /** The model's name. */
  readonly name: string;
  /** What to check where nobody is there: the base URL, without secrets. */
  readonly address: string;
  /** What a base URL of such a server most often ends in. */
  readonly usualPath?: string;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: string;
  /** Takes out what nobody may read. What is said goes through it before it is cut short: a half would not be found. */
  hide(text: string): string;
}

/** An answer with a status that says no. */
export interface Refusal {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  /** As it came. */
  readonly body: string;
  /** What it says, where somebody has read that out of the body already; empty where nobody reads it. */
  readonly message?: string | undefined;
  /** Where it came from, for a redirect that names no host. */
  readonly url?: string;
}

type Known = Pick<ModelErrorOptions, "usage" | "cause">;

/** For an answer with a status that says no. */
export function refused(asked: Asked, refusal: Refusal, known: Known = {}): ModelError {
  const { status, headers, body } = refusal;
  const { type, message } = saidIn(refusal);
  const retry = retryAdvice(headers);
  const advice = type === QUOTA ? QUOTA_ADVICE : adviceFor(asked, refusal, message);
  return new ModelError(withAdvice(refusedText(asked, refusal), advice), {
    ...known,
    status,
    ...retry,
    retryAfterMs: retry.retryAfterMs ?? delayIn(body),
    ...((type === QUOTA || sendsElsewhere(status)) && { shouldRetry: false }),
  });
}

/** What such an answer says, without advice. */
export function refusedText(asked: Asked, refusal: Refusal): string {
  const { type, message } = saidIn(refusal);
  const kind = type === undefined ? "" : ` (${oneLine(asked.hide(type))})`;
  const words = message === "" ? "" : `: ${oneLine(asked.hide(message))}`;
  return `${asked.vendor} answered ${refusal.status}${kind}${words}`;
}

/** For a failure that the vendor tells in the midst of an answer that had begun well. */
export function brokenOff(asked: Asked, body: unknown, usage?: TokenUsage): ModelError {
  const { type = "no type", message, status } = errorBody(body);
  const said = `${asked.vendor} broke off its reply (${oneLine(asked.hide(type))}): ${oneLine(asked.hide(message))}`;
  return new ModelError(withAdvice(said, type === QUOTA ? QUOTA_ADVICE : undefined), {
    status,
    connection: status === undefined,
    accepted: true,
    usage,
    ...(type === QUOTA && { shouldRetry: false }),
  });
}

/** For what is thrown by whoever reads an answer, and does not know whom it is from; undefined for anything else. */
export function answerFailure(
  asked: Asked,
  thrown: unknown,
  usageOf: (answer: unknown) => TokenUsage | undefined,
): ModelError | undefined {
  if (thrown instanceof BrokenOff) return brokenOff(asked, thrown.body, usageOf(thrown.body));
  if (!(thrown instanceof Unreadable)) return undefined;
  const { message: problem, answer } = thrown;
  return unreadable(asked, { problem, answer }, { usage: usageOf(answer) });
}

export interface UnreadAnswer {
  /** Without a full stop. */
  readonly problem: string;
  /** What came, as far as it was seen. */
  readonly answer?: unknown;
  /** Whoever served it said so, whatever is seen of it. */
  readonly isPage?: boolean;
}

/** For an answer that is no reply. It is worth another attempt: the next one may be. */
export function unreadable(asked: Asked, { problem, answer, ...more }: UnreadAnswer, known: Known = {}): ModelError {
  const beginning = asked.hide(answerText(answer));
  const began = beginning.trim() === "" ? "" : `. It began: ${oneLine(beginning)}`;
  const said = `${asked.vendor}'s reply could not be read: ${problem}${began}`;
  const advice = `Check the address ${asked.address}.`;
  const isSentAway = more.isPage === true || isPage(beginning);
  const end = began === "" ? withAdvice(said, advice) : `${said} ${advice}`;
  return new ModelError(isSentAway ? end : said, { ...known, connection: true, accepted: true });
}

/** What a package makes of an answer need not be JSON. */
function answerText(answer: unknown): string {
  if (typeof answer === "string") return answer;
  try {
    return JSON.stringify(answer) ?? "";
  } catch {
    return describe(answer);
  }
}

export function isPage(text: string): boolean {
  return /^\s*<(!doctype|html)/i.test(text);
}

/** For a connection that could not be made, or broke. `root` is where that began. */
export function disconnected(asked: Asked, root: unknown, cause: unknown): ModelError {
  const { said, advice, isLasting } = connectionFault(root, asked);
  const message = `The connection to ${asked.vendor} failed: ${said}`;
  if (proxyStatus(root) === 407) return new ModelError(withAdvice(message, PROXY_ADVICE), { status: 407, cause });
  const error = { connection: true, cause, ...(isLasting && { shouldRetry: false }) };
  return new ModelError(withAdvice(message, advice), error);
}

/** For a vendor that says nothing for longer than it may. */
export function silent({ vendor }: Asked, afterMs: number, advice?: string): ModelError {
  return new ModelError(withAdvice(`${vendor} sent nothing for ${afterMs / 1000} s.`, advice), { connection: true });
}

/** OpenAI says so with the status of too many requests; but it does not pass. (https://platform.openai.com/docs/guides/error-codes) */
const QUOTA = "insufficient_quota";
const QUOTA_ADVICE = "Waiting does not help: check the plan and the billing of the account.";

const PROXY_ADVICE = "A proxy on the way wants a name and a password: check its address, most often in HTTPS_PROXY.";

function adviceFor(asked: Asked, { status, headers, url }: Refusal, message: string): string | undefined {
  const { name, address, usualPath, keyAdvice } = asked;
  if (sendsElsewhere(status)) {
    return elsewhereAdvice(
      status,
      redirectAddress(headers.get("location"), url, (text) => asked.hide(text)),
    );
  }
  // Google answers 400 where a key is wrong.
  if (status === 401 || status === 403 || (status === 400 && /\bapi[ _]?key\b/i.test(message))) return keyAdvice;
  if (status === 407) return PROXY_ADVICE;
  if (status !== 404) return undefined;
  const lacksPath = usualPath !== undefined && !/\/v\d/.test(address);
  const hint = lacksPath ? ` Most base URLs end in ${usualPath}.` : "";
  return `Check the model's name "${name}" and the address ${address}.${hint}`;
}

function saidIn({ body, message }: Refusal): { readonly type: string | undefined; readonly message: string } {
  const said = errorBody(parsedBody(body));
  return { type: said.type, message: message ?? said.message };
}

/** What a proxy answered that was to open a way to the server. */
function proxyStatus(cause: unknown): unknown {
  // A border post: any object may be asked for its fields.
  const { code, statusCode } = (cause ?? {}) as { readonly code?: unknown; readonly statusCode?: unknown };
  return code === "ERR_PROXY_TUNNEL" ? statusCode : undefined;
}

/** Google says it in the body, in seconds: `"retryDelay": "34s"`. (https://google.aip.dev/193) */
function delayIn(body: string): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** The sentence, and the one on what to do. */
export function withAdvice(said: string, advice: string | undefined): string {
  return advice === undefined ? said : `${said.replace(/\.?$/, ".")} ${advice}`;
}
