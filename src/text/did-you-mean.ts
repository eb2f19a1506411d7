/** Nobody looks for a slip among more, and a hostile file could have very many. */
const MOST_CANDIDATES = 1_000;
const MOST_LISTED = 50;

/** The one of `known` that `word` is a slip away from; undefined if none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const plain = normalize(word);
  let best: string | undefined;
  let bestDistance = Math.min(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known.slice(0, MOST_CANDIDATES)) {
    if (candidate.length > 80) continue;
    const distance = editDistance(plain, normalize(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? onlyBegun(plain, known);
}

/** `input` for `inputTokens`: the only one that begins like this. */
function onlyBegun(plain: string, known: readonly string[]): string | undefined {
  const begun = plain.length < 3 ? [] : known.filter((candidate) => normalize(candidate).startsWith(plain));
  return begun.length === 1 ? begun[0] : undefined;
}

/** A sentence to append to a message, with a space before it; empty if nothing is near. */
export function didYouMean(word: string, known: readonly string[], show: (name: string) => string = quoted): string {
  const name = nearest(word, known);
  return name === undefined ? "" : ` Did you mean ${show(name)}?`;
}

/** The names in a row, for a message. */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return `${names.slice(0, MOST_LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function quoted(name: string): string {
  return `"${name}"`;
}

/** `maxTokens`, `max-tokens` and `Max_Tokens` are all slips of `max_tokens`. */
function normalize(word: string): string {
  return word.replace(/[-_\s]/g, "").toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_item, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
