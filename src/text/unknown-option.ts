import { didYouMean } from "./did-you-mean.ts";

/**
 * Says which key of some options is none of those that are known, and what may have been meant; undefined if all are.
 * Plain JavaScript has no types, and an option with a slip in its name would do nothing in silence.
 */
export function unknownOption(options: object, known: readonly string[], owner: string): string | undefined {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return undefined;
  return `${owner} has no option ${JSON.stringify(unknown)}.${didYouMean(unknown, known) || ` It has ${known.join(", ")}.`}`;
}
