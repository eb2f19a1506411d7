import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { inputBound } from "./input-bound.ts";
import { countIn, objectsIn, uncountedPart } from "./payload-parts.ts";

/** The most that replies of a script say that they use. */
export interface MostUsed {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachesForAnHour: boolean;
}

/** What a request to a scripted model can use at most: as with a real one, or as much as its script says. */
export function scriptedBound(payload: JsonObject, counted: CountedRequest | undefined, most: MostUsed): RequestBound {
  const input = inputBound(payload, counted, { list: "messages", unseenTokens: 0, isCut: false });
  const maxTokens = countIn(payload.max_tokens);
  return {
    inputTokens: Math.max(input.inputTokens, most.inputTokens),
    countedTokens: input.countedTokens,
    cachesForAnHour: input.cachesForAnHour || most.cachesForAnHour,
    maxOutputTokens: maxTokens === undefined ? undefined : Math.max(maxTokens, most.outputTokens),
    outputParameter: "max_tokens",
    unbounded: input.fresh.flatMap(uncounted),
    offList: [],
  };
}

function uncounted(message: JsonValue): readonly string[] {
  const blocks = isJsonObject(message) && message.role === "user" ? objectsIn(message.content) : [];
  const files = blocks.filter(({ type }) => type === "image" || type === "file");
  return files.map(({ type }) => uncountedPart(type));
}
