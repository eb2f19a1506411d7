/**
 * The columns that text is laid out for, on a terminal that says it has so many. Some say 0, or nothing, because nobody
 * has told them: they are taken for the usual 80. No screen on which something is read is narrower than 20.
 */
export function screenColumns(said: number | undefined, most: number = Number.POSITIVE_INFINITY): number {
  return Math.min(most, said !== undefined && said >= 1 ? Math.max(NARROWEST, Math.floor(said)) : USUAL_COLUMNS);
}

/** The same for rows. */
export function screenRows(said: number | undefined): number {
  return said !== undefined && said >= 1 ? Math.floor(said) : USUAL_ROWS;
}

const NARROWEST = 20;
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;
