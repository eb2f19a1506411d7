import { describe, LLMProcError } from "../../errors.ts";

/**
 * Headers that can be sent.
 * @throws LLMProcError `program_invalid` that says which one cannot, nothing of its value: it may be a secret
 */
export function checkedHeaders(headers: Readonly<Record<string, unknown>>, where: string): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    try {
      if (typeof value !== "string") throw new TypeError("not a text");
      new Headers([[name, value]]);
      checked[name] = value;
    } catch {
      throw new LLMProcError(
        "program_invalid",
        `The header ${wordsOf(name)} in ${where} cannot be sent. A header is a name and, by itself, a text on one line.`,
      );
    }
  }
  return checked;
}

/** What stands where headers should, not as it stands there: it may be a key. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value === "string" ? "text" : typeof value}`;
}

/** Who writes `Name: value` where the name belongs has written the value there: two words of it are enough. */
function wordsOf(name: string): string {
  const [words = ""] = /^[^\s:=]*(?: [^\s:=]+)?/.exec(name) ?? [];
  return describe(words === name ? name : `${words}…`);
}
