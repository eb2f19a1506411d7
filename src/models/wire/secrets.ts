import { ModelError } from "../../process/model.ts";
import { factsOf } from "./error-facts.ts";

/** The values of headers that open doors: whole, and without the word before the key. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([header]) => /auth|key|token|secret|cookie/i.test(header))
    .flatMap(([, value]) => [value.trim(), value.trim().replace(/^(bearer|basic) +/i, "")]);
}

export function removeSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

/** The same error, without the secrets in its text; its cause goes, too, if there were any in either. */
export function withoutSecrets(error: ModelError, secrets: readonly string[]): ModelError {
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
