import type { JsonView } from "./json-view.ts";
import type { JsonLimits } from "./json-writer.ts";
import { writeJson } from "./json-writer.ts";
import { MAX_DEPTH } from "./plain-json.ts";

/** How finely the limits are searched: each is larger than the one before by a twelfth. */
const STEPS_TO_TWICE = 8;

/** The shortest limits still give a long text a beginning that says something. */
const CHARACTERS_TO_AN_ITEM = 32;

/**
 * A value that is too long as JSON, cut so that it fits and still is JSON: lists keep their first items, objects
 * their first keys, texts their beginning, and marks say how much of each is missing. The same limits hold in all
 * of the value, so that one long part does not crowd out the others: the largest with which it fits.
 */
export function cutJson(value: object, view: JsonView, maxCharacters: number, reference?: string): string {
  const views = new Map<object, JsonView>();
  const write = (step: number, most = maxCharacters) =>
    writeJson(value, view, { maxCharacters: most, limits: limitsAt(step), reference, views });
  let fits = 0;
  let tooLarge = Math.ceil(Math.log2(maxCharacters)) * STEPS_TO_TWICE;
  let best: string | undefined;
  while (tooLarge - fits > 1) {
    const step = Math.floor((fits + tooLarge) / 2);
    const text = write(step);
    if (text === undefined) tooLarge = step;
    else {
      best = text;
      fits = step;
    }
  }
  return best ?? write(0, Infinity) ?? "";
}

/** The limits of a step; those of the first let nothing through but the size of the whole. */
function limitsAt(step: number): JsonLimits {
  const doublings = step / STEPS_TO_TWICE;
  const items = Math.floor(2 ** doublings);
  return { items, characters: items * CHARACTERS_TO_AN_ITEM, depth: Math.min(MAX_DEPTH, Math.floor(2 * doublings)) };
}
