import type { JsonValue } from "../../json.ts";

/** Why list prices do not hold, if the request was served in another tier than the usual one. */
export function offListTier(tier: JsonValue | undefined): string | undefined {
  if (typeof tier !== "string" || USUAL.has(tier)) return undefined;
  return `the service tier "${tier}"`;
}

const USUAL: ReadonlySet<string> = new Set(["default", "standard", "auto"]);
