import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** What a vendor says about a failure. */
export interface ErrorBody {
  /** Its name for this kind of failure; the more exact one, where there are two. */
  readonly type: string | undefined;
  /** What it says, in full. */
  readonly message: string;
  /** The status that the same failure has as an answer, where the body tells. */
  readonly status: number | undefined;
}

/**
 * Reads a failure out of whatever an API, or what stands before it, has sent: `{ error: { type, code, message } }`
 * (Anthropic, OpenAI and most others), the same without `error` or in a list, `{ error: "…" }`, `{ detail: … }`,
 * `{ errors: […] }`, a plain text.
 */
export function errorBody(body: unknown): ErrorBody {
  const outer = objectIn(body) ?? {};
  const inner = objectIn(outer.error) ?? objectIn(outer.errors) ?? objectIn(outer.fault) ?? outer;
  const codes = [inner, outer].flatMap((from) => CODES.map((key) => from[key]));
  const names = codes.filter((name): name is string => typeof name === "string" && /^(?!error$)\w*[a-z]/i.test(name));
  const statuses = [...codes.map(Number), ...names.map((name) => STATUS_OF_TYPE.get(plain(name)))];
  const text = textIn(inner) ?? textIn(outer) ?? (typeof body === "string" ? body : JSON.stringify(body));
  return { type: names[0], message: text ?? "no text", status: statuses.find(isFailure) };
}

/**
 * Whether an answer or an event, which should be a reply or a part of one, is a failure instead: `perhaps` if it has words
 * and nothing of a reply, and nothing better comes.
 */
export function tellsFailure(value: unknown): "surely" | "perhaps" | undefined {
  const body = objectIn(value);
  if (body === undefined) return undefined;
  if (body.type === "error" || body.object === "error" || isSomething(body.error)) return "surely";
  for (const key of REPLY_KEYS) if (isSomething(body[key])) return undefined;
  if (textIn(body) === undefined && !isSomething(body.errors) && !isSomething(body.fault)) return undefined;
  return errorBody(value).status === undefined ? "perhaps" : "surely";
}

/** A body as it came: what its JSON holds, or the text. */
export function parsedBody(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" ? body : text;
  } catch {
    return text.trim() === "" ? "no text" : text;
  }
}

/** A text of a vendor's for a message of ours: on one line, cut short. */
export function oneLine(text: string): string {
  return describe(text.replaceAll(/\s+/g, " ").trim());
}

/** Where the kind of a failure or its status stands, the more exact before the others. */
const CODES = [
  "code",
  "type",
  "status",
  "__type",
  "error_type",
  "error_code",
  "status_code",
  "statusCode",
  "http_code",
];

/** Where the words about a failure stand. */
const WORDS = [
  "message",
  "error",
  "detail",
  "msg",
  "error_msg",
  "error_message",
  "errorMessage",
  "Message",
  "faultstring",
];

/** What a reply, or an event of one, has. */
const REPLY_KEYS = ["delta", "choices", "output", "content", "content_block", "response", "item", "part"];

/** What kinds of failure are as an answer. (https://platform.claude.com/docs/en/api/errors, https://platform.openai.com/docs/guides/error-codes, https://cloud.google.com/apis/design/errors) */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ["invalidrequesterror", 400],
  ["badrequesterror", 400],
  ["validationexception", 400],
  ["invalidargument", 400],
  ["failedprecondition", 400],
  ["invalidprompt", 400],
  ["contextlengthexceeded", 400],
  ["authenticationerror", 401],
  ["unauthenticated", 401],
  ["invalidapikey", 401],
  ["billingerror", 402],
  ["permissionerror", 403],
  ["permissiondenied", 403],
  ["accessdeniedexception", 403],
  ["notfounderror", 404],
  ["notfound", 404],
  ["modelnotfound", 404],
  ["requesttoolarge", 413],
  ["ratelimiterror", 429],
  ["ratelimitexceeded", 429],
  ["resourceexhausted", 429],
  ["throttlingexception", 429],
  ["insufficientquota", 429],
  ["apierror", 500],
  ["servererror", 500],
  ["internalservererror", 500],
  ["internal", 500],
  ["unavailable", 503],
  ["timeouterror", 504],
  ["deadlineexceeded", 504],
  ["overloadederror", 529],
]);

function plain(name: string): string {
  return name.replaceAll(/[^a-z]/gi, "").toLowerCase();
}

export function isFailure(status: number | undefined): status is number {
  return status !== undefined && Number.isInteger(status) && status >= 400 && status <= 599;
}

/** An object, or the first of a list of them. */
function objectIn(value: unknown): JsonObject | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isJsonObject(first) ? first : undefined;
}

/** Where a gateway passes on a failure, the words of the one behind it are in `metadata.raw`. */
function textIn(body: JsonObject): string | undefined {
  const text = firstWords(body);
  const raw = isJsonObject(body.metadata) && typeof body.metadata.raw === "string" ? body.metadata.raw : undefined;
  if (text === undefined) return raw;
  return raw === undefined ? text : `${text}: ${raw}`;
}

/** A text, or those in a list of faults of the request (`{ loc, msg }`). */
function wordsIn(value: JsonValue | undefined, depth = 0): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (depth > 3) return undefined;
  if (Array.isArray(value)) {
    const texts = value.map((item) => wordsIn(item, depth + 1)).filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join("; ");
  }
  if (!isJsonObject(value)) return undefined;
  const words = firstWords(value, depth + 1);
  const place = Array.isArray(value.loc) ? `${value.loc.join(".")}: ` : "";
  return words && `${place}${words}`;
}

function firstWords(body: JsonObject, depth = 0): string | undefined {
  for (const key of WORDS) {
    const words = wordsIn(body[key], depth);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** Servers fill the place of an error in with all kinds of nothing where there is none. */
export function isSomething(value: JsonValue | undefined): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  if (typeof value === "string") return value.trim() !== "";
  return value !== undefined && value !== null && value !== false && value !== 0;
}
