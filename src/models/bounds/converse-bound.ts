import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { withBudget } from "./anthropic-bound.ts";
import { inputBound } from "./input-bound.ts";
import {
  countIn,
  objectIn,
  objectsIn,
  show,
  uncountedPart,
  unknownKeys,
  unusualTier,
  wordSet,
} from "./payload-parts.ts";

/**
 * What a request to Bedrock (Converse) can use at most.
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html)
 */
export function converseBound(payload: JsonObject, counted?: CountedRequest): RequestBound {
  const { fresh, ...input } = inputBound(payload, counted, {
    list: "messages",
    unseenTokens: UNSEEN_TOKENS,
    isCut: false,
  });
  const fields = objectIn(payload.additionalModelRequestFields);
  const tools = objectsIn(objectIn(payload.toolConfig).tools).flatMap((tool) => Object.keys(tool));
  const { latency } = objectIn(payload.performanceConfig);
  return {
    ...input,
    maxOutputTokens: withBudget(
      countIn(objectIn(payload.inferenceConfig).maxTokens),
      objectIn(fields.thinking).budget_tokens,
    ),
    outputParameter: "inferenceConfig.maxTokens",
    unbounded: [
      ...unknownKeys(payload, KNOWN),
      ...unknownKeys(fields, KNOWN_FIELDS),
      ...unknownKeys(objectIn(fields.thinking), KNOWN_OF_THINKING),
      ...unknownKeys(objectIn(payload.inferenceConfig), KNOWN_OF_INFERENCE),
      ...tools.filter((key) => !KNOWN_TOOLS.has(key)).map((key) => `the vendor's own tool "${key}"`),
      ...objectsIn(payload.system).flatMap(uncounted),
      ...fresh.flatMap((message) => (isJsonObject(message) ? objectsIn(message.content).flatMap(uncounted) : [])),
    ],
    offList: [
      ...unusualTier("serviceTier", payload.serviceTier),
      ...(latency == null || latency === "standard" ? [] : [`latency = ${show(latency)}`]),
    ],
  };
}

const UNSEEN_TOKENS = 2048;

/** Among what is missing here: guardrails, which have a fee. */
const KNOWN = wordSet(
  "messages system inferenceConfig toolConfig additionalModelRequestFields additionalModelResponseFieldPaths",
  "requestMetadata performanceConfig serviceTier outputConfig",
);
const KNOWN_OF_INFERENCE = wordSet("maxTokens temperature topP stopSequences");
const KNOWN_OF_THINKING = wordSet("type budget_tokens display");
/** Among what is missing here: `systemTool`, which the provider runs itself. */
const KNOWN_TOOLS = wordSet("toolSpec cachePoint");
const KNOWN_FIELDS = wordSet("thinking anthropic_beta reasoning_effort top_k");

function uncounted(block: JsonObject): readonly string[] {
  const { toolResult } = block;
  const inside = isJsonObject(toolResult) ? objectsIn(toolResult.content).flatMap(uncounted) : [];
  const keys = Object.keys(block).filter((key) => !BOUNDED.has(key));
  return [...inside, ...keys.map((key: JsonValue) => uncountedPart(key))];
}

const BOUNDED = wordSet("text json toolUse toolResult reasoningContent cachePoint");
