/**
 * Finds the places of a text at which one of these (folded) texts may begin, by three characters or by an escape: all that
 * is written out of a run goes through it.
 */
export function beginnings(texts: readonly string[]): RegExp {
  const firsts = Map.groupBy(texts, (text) => text.charAt(0));
  const letters = [...firsts].map(([first, group]) => `${oneOf([first])}(?:${seconds(group)}|${OTHER})`).join("|");
  const escapes = [`%(?:[0-9a-fA-F]|$)`, `&(?:[#a-zA-Z]|$)`, `\\\\(?:[\\\\ux]|$|${letters})`];
  // In a form.
  if (firsts.has(" ")) escapes.push("\\+");
  return new RegExp([letters, ...escapes].join("|"), "g");
}

function seconds(texts: readonly string[]): string {
  const groups = [...Map.groupBy(texts, (text) => text.charAt(1))];
  const alternatives = groups.map(
    ([second, group]) =>
      `${oneOf([second])}(?:${oneOf(group.map((text) => text.charAt(2)))}|${BETWEEN_BYTES}|${OTHER})`,
  );
  return alternatives.join("|");
}

/** What may stand between two characters, or for one of them, and the end of the text. */
const OTHER = String.raw`[%&+\\<\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|$`;

const BETWEEN_BYTES = "[ \\t:,-]";

/** These characters, large and small. */
function oneOf(characters: readonly string[]): string {
  const cases = characters.flatMap((one) => [one, one.toUpperCase(), one.toLowerCase()]);
  const codes = new Set(cases.filter((one) => one.length === 1).map((one) => one.charCodeAt(0)));
  return `[${[...codes].map((code) => `\\u${code.toString(16).padStart(4, "0")}`).join("")}]`;
}
