import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";

/** The objects of a list; none where it is no list. */
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return entriesIn(value).filter(isJsonObject);
}

/** The entries of a list, whatever they are; none where it is no list. */
export function entriesIn(value: JsonValue | undefined): readonly JsonValue[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

export function objectIn(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A count that can bound something. */
export function countIn(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The largest of some counts; undefined where there is none. */
export function largest(...values: readonly (JsonValue | undefined)[]): number | undefined {
  const counts = values.map(countIn).filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : Math.max(...counts);
}

export function show(value: JsonValue | undefined): string {
  return JSON.stringify(value) ?? "undefined";
}

/** Parameters that are not in a list of those known to cost nothing by themselves, in words for the user. */
export function unknownKeys(payload: JsonObject, known: ReadonlySet<string>): readonly string[] {
  const unknown = Object.keys(payload).filter((key) => !known.has(key) && payload[key] != null);
  return unknown.map((key) => `the parameter "${key}", whose price nobody here knows`);
}

/** Parameters that are set, and say more than `false`, 0 or 1 of something. */
export function setKeys(payload: JsonObject, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => isSet(payload[key])).map((key) => `${key} = ${show(payload[key])}`);
}

/** Models that search by themselves: that has a fee, and puts any amount of input into the conversation. */
export function searchingModel({ model }: JsonObject): readonly string[] {
  const searches = typeof model === "string" && SEARCHING.test(model);
  return searches ? [`model = ${show(model)}, which searches`] : [];
}

/** A service tier that lists are not made for. */
export function unusualTier(key: string, tier: JsonValue | undefined): readonly string[] {
  const name = isJsonObject(tier) ? tier.type : tier;
  return name == null || USUAL_TIERS.has(name) ? [] : [`${key} = ${show(tier)}`];
}

export function vendorTool({ type }: JsonObject): string {
  return `the vendor's own tool ${show(type)}`;
}

export function uncountedPart(type: JsonValue | undefined): string {
  return `a part of type ${show(type)} that no request before has counted`;
}

export function wordSet(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(" ")));
}

const SEARCHING = /:online$|deep-research|search-(preview|api)|(^|\/)(compound|sonar)\b/;

const USUAL_TIERS: ReadonlySet<JsonValue> = new Set(["auto", "default", "standard", "standard_only", "on_demand"]);

function isSet(value: JsonValue | undefined): boolean {
  if (value == null || value === false || value === 0 || value === 1) return false;
  return !(Array.isArray(value) && value.length === 0);
}
