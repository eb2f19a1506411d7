import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { inputBound } from "./input-bound.ts";
import {
  countIn,
  objectIn,
  objectsIn,
  show,
  uncountedPart,
  unknownKeys,
  unusualTier,
  vendorTool,
  wordSet,
} from "./payload-parts.ts";

/**
 * What a request to the Messages API can use at most. `max_tokens` holds for all output, thinking among it.
 * (https://platform.claude.com/docs/en/api/messages)
 */
export function anthropicBound(payload: JsonObject, counted?: CountedRequest): RequestBound {
  const vendorTools = objectsIn(payload.tools).filter(({ type }) => type !== undefined && type !== "custom");
  const { fresh, ...input } = inputBound(payload, counted, {
    list: "messages",
    unseenTokens: UNSEEN_TOKENS * (1 + vendorTools.length),
    // It takes old tool results and thinking out of what the model reads, more or fewer of them each time.
    isCut: payload.context_management != null,
  });
  const { speed, inference_geo: place } = payload;
  return {
    ...input,
    maxOutputTokens: withBudget(countIn(payload.max_tokens), objectIn(payload.thinking).budget_tokens),
    outputParameter: "max_tokens",
    unbounded: [
      ...unknownKeys(payload, KNOWN),
      ...unknownKeys(objectIn(payload.thinking), KNOWN_OF_THINKING),
      ...unknownKeys(objectIn(payload.output_config), KNOWN_OF_OUTPUT),
      ...unknownEdits(payload.context_management),
      ...vendorTools.filter(({ type }) => !isRunHere(type)).map(vendorTool),
      ...objectsIn(payload.system).flatMap(uncountedBlock),
      ...fresh.flatMap(uncounted),
    ],
    offList: [
      ...unusualTier("service_tier", payload.service_tier),
      ...(place == null || place === "global" ? [] : [`inference_geo = ${show(place)}`]),
      ...(speed == null || speed === "standard" ? [] : [`speed = ${show(speed)}`]),
    ],
  };
}

/** With thinking between tool calls, its budget may be larger than the limit of one reply: then both may be used. */
export function withBudget(maxTokens: number | undefined, budget: JsonValue | undefined): number | undefined {
  const tokens = countIn(budget) ?? 0;
  return maxTokens === undefined || tokens <= maxTokens ? maxTokens : maxTokens + tokens;
}

/**
 * The prompt that explains tools has up to 804 tokens, a tool of the vendor's that we run up to 1,500, notes on
 * thinking and on what is left of the context a few dozen.
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview, "Pricing")
 */
const UNSEEN_TOKENS = 2048;

/** Whatever else there is may cost something that nobody here knows of. */
const KNOWN = wordSet(
  "model anthropic_version max_tokens messages system stream metadata stop_sequences temperature top_p top_k",
  "tools tool_choice thinking output_config output_format cache_control context_management",
  "service_tier inference_geo speed",
);

const KNOWN_OF_THINKING = wordSet("type budget_tokens display");
const KNOWN_OF_OUTPUT = wordSet("effort format task_budget");
const KNOWN_OF_MANAGEMENT = wordSet("edits");

/**
 * To leave out old results and thinking costs nothing. To sum a conversation up is a sampling of its own, beside the one
 * that `max_tokens` limits. (https://platform.claude.com/docs/en/build-with-claude/compaction)
 */
function unknownEdits(management: JsonValue | undefined): readonly string[] {
  const edits = objectsIn(objectIn(management).edits).map(({ type }) => type);
  const sampling = edits.filter((type) => typeof type !== "string" || !/^clear_(tool_uses|thinking)_\d+$/.test(type));
  return [
    ...unknownKeys(objectIn(management), KNOWN_OF_MANAGEMENT),
    ...sampling.map((type) => `context_management with ${show(type)}, which max_tokens does not limit`),
  ];
}

/** Tools of the vendor's that a program answers itself: they cost nothing but their prompt. */
function isRunHere(type: JsonValue | undefined): boolean {
  return typeof type === "string" && /^(bash|text_editor|memory)_\d+$/.test(type);
}

/** Blocks whose tokens do not follow from their bytes: pictures, files, and what is not known here. */
function uncounted(message: JsonValue): readonly string[] {
  return isJsonObject(message) ? objectsIn(message.content).flatMap(uncountedBlock) : [];
}

function uncountedBlock({ type, content, source }: JsonObject): readonly string[] {
  if (type === "tool_result") return objectsIn(content).flatMap(uncountedBlock);
  if (type === "document" && objectIn(source).type === "text") return [];
  return typeof type === "string" && BOUNDED_BLOCKS.has(type) ? [] : [uncountedPart(type)];
}

const BOUNDED_BLOCKS = wordSet("text thinking redacted_thinking tool_use");
