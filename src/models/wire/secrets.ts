import { ModelError } from "../../process/model.ts";
import { factsOf } from "./error-facts.ts";

/** What of a request opens doors: the values of such headers, what is within them, and such parts of the query. */
export function secretsIn(url: string, headers: Headers): readonly string[] {
  const query = URL.canParse(url) ? [...new URL(url).searchParams] : [];
  return [...headers, ...query].filter(([name]) => /auth|key|token|secret|cookie/i.test(name)).flatMap(readings);
}

/**
 * The values of headers that users set: any may open a door, whatever its name, but for those that only say who asks and
 * how. Short ones do not, and are in many a text by chance.
 */
export function secretHeaders(headers: Readonly<Record<string, string>>): readonly string[] {
  const isOpen = (name: string) =>
    /^(user-agent|accept|content-type|(http-)?referer|x-title|.*-(beta|version))$/i.test(name);
  return Object.entries(headers).flatMap(([name, value]) => (value.length >= 8 && !isOpen(name) ? [value] : []));
}

/** A key is one also without the word before it, and a password without the user's name. */
function readings([, value]: [string, string]): readonly string[] {
  const [, scheme = "", key = ""] = /^(bearer|basic) +(.*)$/i.exec(value) ?? [];
  if (scheme === "") return [value];
  const password = /^basic$/i.test(scheme)
    ? Buffer.from(key, "base64")
        .toString("utf8")
        .replace(/^[^:]*:/, "")
    : "";
  return [value, key, password];
}

export function removeSecrets(text: string, secrets: ReadonlySet<string>): string {
  return [...secrets]
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** The same error, without the secrets in its text; its cause goes, too, if there were any in either. */
export function withoutSecrets(error: ModelError, secrets: ReadonlySet<string>): ModelError {
  const message = removeSecrets(error.message, secrets);
  const behind = causesOf(error).map(({ message: text, stack }) => `${text}${stack}`);
  const isClean = message === error.message && behind.every((text) => removeSecrets(text, secrets) === text);
  return isClean ? error : new ModelError(message, factsOf(error));
}

/** What is shorter guards nothing, and is in every text by chance. */
const SHORTEST = 4;

function causesOf({ cause }: Error): readonly Error[] {
  const causes: Error[] = [];
  for (let next = cause; next instanceof Error && causes.length < 8; next = next.cause) causes.push(next);
  return causes;
}
