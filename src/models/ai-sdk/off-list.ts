import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply } from "../../process/contract/model.ts";
import { offListFacts } from "../wire/off-list.ts";
import type { AiSdkResult } from "./result.ts";

/** Why list prices do not hold for a reply; nothing where nothing says so. */
export function offList({ providerMetadata, usage }: AiSdkResult): Pick<Reply, "offList" | "isOtherRate"> {
  const raw = isJsonObject(usage) && isJsonObject(usage.raw) ? [usage.raw] : [];
  const tables = isJsonObject(providerMetadata) ? Object.values(providerMetadata).filter(isJsonObject) : [];
  const tier = [...raw, ...tables].map(serviceTier).find((name) => name !== undefined);
  const fee = tables.some(hasSearched) ? "searches of the provider's own, which have a fee" : undefined;
  return offListFacts(tier && `the service tier "${tier}"`, fee);
}

/** The names of the one that lists are made for. */
const USUAL_TIER = /^(default|standard|on_demand|.*unspecified)$/i;

function serviceTier({ serviceTier: inner, service_tier: outer, trafficType }: JsonObject): string | undefined {
  const value = isJsonObject(inner) ? inner.type : (inner ?? outer ?? trafficType);
  return typeof value === "string" && !USUAL_TIER.test(value) ? value : undefined;
}

/** Google's grounding: one that has asked nothing is free. */
function hasSearched({ groundingMetadata }: JsonObject): boolean {
  if (!isJsonObject(groundingMetadata)) return false;
  const { webSearchQueries, retrievalQueries, imageSearchQueries } = groundingMetadata;
  return [webSearchQueries, retrievalQueries, imageSearchQueries].some(isFilled);
}

function isFilled(list: JsonValue | undefined): boolean {
  return Array.isArray(list) && list.length > 0;
}
