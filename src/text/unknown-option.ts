import { didYouMean } from "./did-you-mean.ts";

/**
 * Says which of the keys that were given is none of those that are known, and what may have been meant; undefined if
 * all are. Plain JavaScript has no types, and an option with a slip in its name would do nothing, in silence.
 */
export function unknownOption(given: readonly string[], known: readonly string[], owner: string): string | undefined {
  const unknown = given.find((key) => !known.includes(key));
  if (unknown === undefined) return undefined;
  const hint = didYouMean(unknown, known) || ` It has ${known.join(", ")}.`;
  return `${owner} has no option ${JSON.stringify(unknown)}.${hint}`;
}
