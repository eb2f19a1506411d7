/** The mark where something is missing. `reference` names the place where all of it can be read. */
export function cutNote(missing: string, reference: string | undefined): string {
  return `[Cut: ${missing}${seeAlso(reference)}]`;
}

export function seeAlso(reference: string | undefined): string {
  return reference === undefined ? "" : `, see ${reference}`;
}

/** `1 item`, `2 items`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
