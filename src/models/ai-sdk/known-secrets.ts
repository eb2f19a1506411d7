import { isJsonObject } from "../../json.ts";
import { SHORTEST } from "../secrets/secret-forms.ts";
import type { Doors } from "../secrets/secret-values.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { shownDeep } from "../secrets/secrets.ts";
import type { AiSdkModel } from "./ai-sdk-model.ts";
import { withCauses } from "./causes.ts";
import { SECRET_ENVS, usualKeyEnvs } from "./packaged-provider.ts";

/**
 * The keys that the environment has for a model object: whoever gives one keeps its own key to himself. A short value
 * is in every text by chance, and it is not even known that it was sent.
 */
export function environmentKeys(provider: string): Doors {
  const variables = [...SECRET_ENVS, ...usualKeyEnvs(provider)];
  const values = variables.map((variable) => process.env[variable]?.trim() ?? "");
  return { keys: values.filter((value) => value.length >= SHORTEST) };
}

/**
 * What a model object was made with, where it can be seen: those of most packages keep their headers and address in
 * `config`. Headers that have to be waited for may be fetched from somewhere: they are left alone.
 */
export function objectDoors(model: AiSdkModel): Doors {
  try {
    const config: unknown = Reflect.get(model, "config");
    if (!isJsonObject(config)) return {};
    const { headers: given, baseURL }: Readonly<Record<string, unknown>> = config;
    const isPlain = typeof given === "function" && given.constructor.name === "Function";
    const headers: unknown = isPlain ? given() : given;
    if (headers instanceof Promise) headers.catch(() => {});
    return { headers: textsIn(headers), url: typeof baseURL === "string" ? baseURL : undefined };
  } catch {
    // The key is missing: the request says so.
    return {};
  }
}

/** Takes note of what an error of a package has of its request. */
export function noteRequestOf(thrown: unknown, secrets: Secrets): void {
  for (const { url, requestHeaders } of withCauses(thrown)) {
    secrets.note({ url: typeof url === "string" ? url : undefined, headers: textsIn(requestHeaders) });
  }
}

/** The same text of an error without the secrets that are known, and without what has the form of one. */
export function hideSecrets(text: string, secrets: Secrets): string {
  return KEY_FORMS.reduce((rest, form) => rest.replaceAll(form, "$1[secret]"), secrets.inError(text));
}

/** Whether anything of a value, as deep as it can be shown, is secret. */
export function holdsSecrets(value: unknown, secrets: Secrets): boolean {
  const shown = shownDeep(value);
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

function textsIn(headers: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(headers)) return {};
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
