import { createHash } from "node:crypto";

/**
 * A name that every API takes for a tool that a model has called by another: the same for the same name, and for no other.
 * The name itself where it is such a one.
 */
export function usualToolName(name: string): string {
  if (USUAL.test(name)) return name;
  const readable = name.replace(/[^a-zA-Z0-9_-]+/g, "_").replace(/^(?![a-zA-Z_])/, "_");
  const own = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${readable.slice(0, LONGEST - own.length - 1)}_${own}`;
}

const LONGEST = 64;
const USUAL = /^[a-zA-Z0-9_-]{1,64}$/;
