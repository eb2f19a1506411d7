/** What a person may answer to a question. */
export type Answer =
  | { readonly kind: "yes" | "always" | "stop" | "view" }
  | { readonly kind: "no"; readonly reason: string | undefined };

const WORDS = {
  y: "yes",
  yes: "yes",
  a: "always",
  always: "always",
  s: "stop",
  stop: "stop",
  v: "view",
  view: "view",
} as const;

/** A typed line as an answer; undefined where it is not clear: only a clear yes is one. */
export function answerOf(line: string): Answer | undefined {
  const typed = line.trim();
  const word = typed.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return { kind: WORDS[word as keyof typeof WORDS] };
  const no = /^no?(?:[\s,.:]+(?<reason>.*))?$/is.exec(typed);
  if (no === null) return undefined;
  const reason = no.groups?.reason?.trim() ?? "";
  return { kind: "no", reason: reason === "" ? undefined : reason };
}
