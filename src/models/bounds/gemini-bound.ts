import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { inputBound } from "./input-bound.ts";
import {
  countIn,
  entriesIn,
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
      ...unknownKeys(config, KNOWN_OF_CONFIG),
      ...unknownKeys(objectIn(config.thinkingConfig), KNOWN_OF_THINKING),
      ...unknownKeys(objectIn(payload.toolConfig), KNOWN_OF_TOOLS),
      ...setKeys(config, ["candidateCount"]),
      ...(entriesIn(config.responseModalities).every((mode) => mode === "TEXT")
        ? []
        : setKeys(config, ["responseModalities"])),
      ...tools.filter((key) => key !== "functionDeclarations").map((key) => `the vendor's own tool "${key}"`),
      ...[payload.systemInstruction ?? null, ...fresh].flatMap(uncounted),
    ],
    offList: unusualTier("serviceTier", payload.serviceTier),
  };
}

const UNSEEN_TOKENS = 1024;

/** Among what is missing here: `cachedContent`, whose length nobody here knows. */
const KNOWN = wordSet("contents systemInstruction generationConfig tools toolConfig safetySettings labels serviceTier");

/** Among what is missing here: other models in place of this one, speech. */
const KNOWN_OF_CONFIG = wordSet(
  "maxOutputTokens temperature topP topK seed stopSequences presencePenalty frequencyPenalty candidateCount",
  "responseMimeType responseSchema responseJsonSchema _responseJsonSchema responseModalities",
  "responseLogprobs logprobs thinkingConfig mediaResolution enableEnhancedCivicAnswers",
);
const KNOWN_OF_THINKING = wordSet("includeThoughts thinkingBudget thinkingLevel");
const KNOWN_OF_TOOLS = wordSet("functionCallingConfig");

function uncounted(content: JsonValue): readonly string[] {
  if (!isJsonObject(content)) return [];
  const keys = objectsIn(content.parts).flatMap((part) => Object.keys(part));
  return keys.filter((key) => !BOUNDED.has(key)).map(uncountedPart);
}

const BOUNDED = wordSet("text thought thoughtSignature functionCall functionResponse");
