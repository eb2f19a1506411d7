import { ModelError } from "../../process/model.ts";
import { factsOf } from "./error-facts.ts";

/** The values of headers that open doors. */
export function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([header, value]) => /auth|key|token|secret|cookie/i.test(header) && value.trim() !== "")
    .map(([, value]) => value.trim());
}

/** The same error, without the secrets in its text; its cause goes, too, if there were any. */
export function withoutSecrets(error: ModelError, secrets: readonly string[]): ModelError {
  const message = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), error.message);
  if (message === error.message) return error;
  return new ModelError(message, factsOf(error));
}

/** What is shorter guards nothing, and is in every text by chance. */
const SHORTEST = 4;
