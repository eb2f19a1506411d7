import { inspect } from "node:util";
import { isJsonObject } from "../../json.ts";
import { removeSecrets, secretsIn } from "../wire/secrets.ts";
import { SECRET_ENVS, usualKeyEnvs } from "./provider-names.ts";

/**
 * What may be secret in an error of a package. Whoever gives a model object keeps its key to himself: what is known
 * is what the error itself has of its request, and the keys that the environment has.
 */
export function knownSecrets(thrown: unknown, provider: string, seen: ReadonlySet<string>): ReadonlySet<string> {
  const variables = [...SECRET_ENVS, ...usualKeyEnvs(provider)];
  const values = variables.map((variable) => process.env[variable]?.trim() ?? "");
  // A short value is in every text by chance, and it is not even known that it was sent.
  return new Set([...seen, ...requestSecrets(thrown), ...values.filter((value) => value.length >= 8)]);
}

/** The same text without the secrets that are known, and without what has the form of one. */
export function hideSecrets(text: string, secrets: ReadonlySet<string>): string {
  return KEY_FORMS.reduce((rest, form) => rest.replaceAll(form, "$1[secret]"), removeSecrets(text, secrets));
}

/** Whether anything of a value, as deep as it can be shown, is secret. */
export function holdsSecrets(value: unknown, secrets: ReadonlySet<string>): boolean {
  const shown = inspect(value, { depth: 8, maxStringLength: null, maxArrayLength: null, breakLength: Infinity });
  return hideSecrets(shown, secrets) !== shown;
}

/** A token behind its scheme; keys that say by their beginning that they are one; signed tokens. */
const KEY_FORMS: readonly RegExp[] = [
  /(\bbearer\s+)(?:[\w.~+/=-]{16,}|(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,})/gi,
  /(?<![\w-])()(?:sk|rk|pk|gsk|xai|hf|pplx|csk|fw|r8|nvapi|tgp|vck)[-_](?=[\w-]*\d)[\w-]{12,}/g,
  /\b()AIza[\w-]{20,}/g,
  /\b()ya29\.[\w-]{20,}/g,
  /\b()eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
];

function requestSecrets(thrown: unknown): readonly string[] {
  const secrets: string[] = [];
  let next = thrown;
  for (let depth = 0; depth < 8 && typeof next === "object" && next !== null; depth++) {
    // A border post: any object may be asked for its fields.
    const { url, requestHeaders, cause } = next as Record<string, unknown>;
    const headers = isJsonObject(requestHeaders) ? Object.entries(requestHeaders) : [];
    const texts = headers.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    secrets.push(...secretsIn(typeof url === "string" ? url : "", new Headers(texts)));
    next = cause;
  }
  return secrets;
}
