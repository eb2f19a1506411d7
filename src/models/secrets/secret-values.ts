import { SHORTEST } from "./secret-forms.ts";

/** Where a secret may stand in what a model is configured with, or in a request. */
export interface Doors {
  /** Nothing but a secret: an API key, a password. */
  readonly keys?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** Its user name, its password, and what is in its query. */
  readonly url?: string | undefined;
}

/**
 * What of it is secret. A key or password is; what is in a header or a query is, whatever its name, but for names and
 * values that are known to open nothing. A value in parts (`Bearer KEY`, `sid=KEY; lang=en`) is secret in each of them.
 */
export function secretValues({ keys = [], headers = {}, url = "" }: Doors): readonly string[] {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const query = [...(address?.searchParams ?? [])].map(([name, value]): [string, string] =>
    // `?KEY`, without a name.
    value === "" ? ["", name] : [name, value],
  );
  const named = [...(headers instanceof Headers ? headers : Object.entries(headers)), ...query];
  return [
    ...keys,
    decoded(address?.password ?? ""),
    ...[decoded(address?.username ?? "")].filter(mayOpen),
    ...named.flatMap(([name, value]) => valuesIn(name, value.trim())),
  ].filter((value) => value !== "");
}

/** What vendors' SDKs add to a request: a secret only where the header's name says so. */
export function sentSecrets(headers: Headers): readonly string[] {
  return secretValues({ headers: new Headers([...headers].filter(([name]) => SECRET_NAME.test(name))) });
}

const SECRET_NAME = /auth(?!or\b)|key|token|secret|cookie|pass|pwd|cred|^sig|signature$|session|jwt/i;

/** They say who asks, how, and for what. */
const OPEN_NAME =
  /^(user-agent|accept.*|content-.*|cache-control|connection|host|date|origin|(http-)?referer|x-title|traceparent|x-stainless-.*|x-goog-api-client|x-amz-(date|content-.*|user-agent)|alt|.*(beta|version|model-id|streaming))$/i;

/** Words under such a name are no secret. */
const LABEL_NAME =
  /(title|name|app|project|team|organi[sz]ation|tenant|region|environment|env|service|provider|tag|label)$/i;
const WORDS = /^[a-z]+([ ._-][a-z]+)*$/i;

function valuesIn(name: string, value: string): readonly string[] {
  const isNamed = SECRET_NAME.test(name);
  if (!isNamed && (OPEN_NAME.test(name) || !mayOpen(value) || (LABEL_NAME.test(name) && WORDS.test(value)))) return [];
  // A signature holds for one request.
  if (value.startsWith("AWS4-")) return [];
  const list = value.split(/[\s;,]+/);
  const [scheme = "", credentials = ""] = list;
  const hasScheme = list.length === 2 && /^[a-z][\w.-]*$/i.test(scheme) && (isNamed || mayOpen(credentials));
  if (hasScheme) return [credentials, ...inPair(credentials), ...inBasic(scheme, credentials)];
  return [value, ...(list.length > 1 ? list.filter(mayOpen) : []), ...list.flatMap(inPair)];
}

/** `sid=KEY`, with quotes or without. */
function inPair(text: string): readonly string[] {
  const value = /^[\w.-]{1,40}="?([^"]*)"?$/.exec(text)?.[1] ?? "";
  return mayOpen(value) ? [value] : [];
}

function inBasic(scheme: string, credentials: string): readonly string[] {
  if (!/^basic$/i.test(scheme)) return [];
  const [user = "", ...rest] = Buffer.from(credentials, "base64").toString("utf8").split(":");
  return [rest.join(":"), ...[user].filter(mayOpen)];
}

/** A single word, a date, a media type are in many a text, and open nothing. */
function mayOpen(value: string): boolean {
  return value.length >= SHORTEST && !HARMLESS.some((form) => form.test(value));
}

const HARMLESS: readonly RegExp[] = [
  /^[A-Z]?[a-z]{1,20}$/,
  /^\d{4}-\d{2}-\d{2}(-[a-z]+)?$/,
  /^(application|text|image|audio|video|multipart)\/[\w.+-]+$/,
  /^x-amz-[\w-]+$/,
  /^=*$/,
];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
