import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/model.ts";
import { inputBound } from "./input-bound.ts";
import {
  countIn,
  objectIn,
  objectsIn,
  setKeys,
  uncountedPart,
  unknownKeys,
  unusualTier,
  wordSet,
} from "./payload-parts.ts";

/**
 * What a request to Gemini (`generateContent`) can use at most. `maxOutputTokens` holds for all output, thoughts among
 * it. (https://ai.google.dev/api/generate-content, and https://github.com/googleapis/python-genai/issues/2062)
 */
export function geminiBound(payload: JsonObject, counted?: CountedRequest): RequestBound {
  const { fresh, ...input } = inputBound(payload, counted, {
    list: "contents",
    unseenTokens: UNSEEN_TOKENS,
    isCut: false,
  });
  const config = objectIn(payload.generationConfig);
  const tools = objectsIn(payload.tools).flatMap((tool) => Object.keys(tool));
  return {
    ...input,
    maxOutputTokens: countIn(config.maxOutputTokens),
    outputParameter: "generationConfig.maxOutputTokens",
    unbounded: [
      ...unknownKeys(payload, KNOWN),
      ...setKeys(config, ["candidateCount"]),
      ...(objectsOrTexts(config.responseModalities).every((mode) => mode === "TEXT")
        ? []
        : setKeys(config, ["responseModalities"])),
      ...tools.filter((key) => key !== "functionDeclarations").map((key) => `the vendor's own tool "${key}"`),
      ...fresh.flatMap(uncounted),
    ],
    offList: unusualTier("serviceTier", payload.serviceTier),
  };
}

const UNSEEN_TOKENS = 1024;

/** Among what is missing here: `cachedContent`, whose length nobody here knows. */
const KNOWN = wordSet("contents systemInstruction generationConfig tools toolConfig safetySettings labels serviceTier");

function uncounted(content: JsonValue): readonly string[] {
  if (!isJsonObject(content)) return [];
  const keys = objectsIn(content.parts).flatMap((part) => Object.keys(part));
  return keys.filter((key) => !BOUNDED.has(key)).map(uncountedPart);
}

const BOUNDED = wordSet("text thought thoughtSignature functionCall functionResponse");

function objectsOrTexts(value: JsonValue | undefined): readonly JsonValue[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
