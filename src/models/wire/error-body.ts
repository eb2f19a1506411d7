import { describe } from "../../errors.ts";
import type { JsonValue } from "../../json.ts";
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
 * (Anthropic, OpenAI and most others), the same without `error`, `{ error: "…" }`, `{ detail: "…" }`, a plain text.
 */
export function errorBody(body: unknown): ErrorBody {
  const outer = isJsonObject(body) ? body : {};
  const inner = isJsonObject(outer.error) ? outer.error : outer;
  const names = [inner.code, inner.type].filter((name): name is string => typeof name === "string" && name !== "error");
  const statuses = [inner.code, inner.status, ...names.map((name) => STATUS_OF_TYPE.get(name))];
  const text = textIn(inner) ?? textIn(outer) ?? (typeof body === "string" ? body : JSON.stringify(body));
  return { type: names[0], message: text ?? "no text", status: statuses.find(isFailure) };
}

/** A text of a vendor's for a message of ours: on one line, cut short. */
export function oneLine(text: string): string {
  return describe(text.replaceAll(/\s+/g, " ").trim());
}

/** What kinds of failure are as an answer. (https://platform.claude.com/docs/en/api/errors, https://platform.openai.com/docs/guides/error-codes) */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ["invalid_request_error", 400],
  ["invalid_prompt", 400],
  ["context_length_exceeded", 400],
  ["authentication_error", 401],
  ["invalid_api_key", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["model_not_found", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["rate_limit_exceeded", 429],
  ["insufficient_quota", 429],
  ["api_error", 500],
  ["server_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

function isFailure(status: JsonValue | undefined): status is number {
  return typeof status === "number" && Number.isInteger(status) && status >= 400 && status <= 599;
}

/** Where a gateway passes on a failure, the words of the one behind it are in `metadata.raw`. */
function textIn({ message, error, detail, metadata }: Readonly<Record<string, unknown>>): string | undefined {
  const text = [message, error, detail].find((value) => typeof value === "string" && value.trim() !== "");
  const raw = isJsonObject(metadata) && typeof metadata.raw === "string" ? metadata.raw : undefined;
  if (typeof text !== "string") return raw;
  return raw === undefined ? text : `${text}: ${raw}`;
}
