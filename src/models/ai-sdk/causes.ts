/** What was thrown, and what is behind it, by their fields: errors of packages are known by those, not by their classes. */
export function* withCauses(thrown: unknown): Generator<Readonly<Record<string, unknown>>> {
  let next = thrown;
  for (let depth = 0; depth < MAX_DEPTH && typeof next === "object" && next !== null; depth++) {
    // A border post: any object may be asked for its fields.
    const fields = next as Readonly<Record<string, unknown>>;
    yield fields;
    next = fields.cause;
  }
}

/** A chain that has no end ends here. */
const MAX_DEPTH = 8;
