import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { withBudget } from "./anthropic-bound.ts";
import { COSTLY, KNOWN_OF_REASONING, KNOWN_OF_THINKING, KNOWN_TO_CHAT } from "./chat-parameters.ts";
import { inputBound } from "./input-bound.ts";
import {
  entriesIn,
  largest,
  objectIn,
  objectsIn,
  searchingModel,
  setKeys,
  uncountedPart,
  unknownKeys,
  unusualTier,
  vendorTool,
  wordSet,
} from "./payload-parts.ts";

/**
 * What a request in the form of Chat Completions can use at most, whoever serves it. Servers have parameters of their
 * own: those that are known to cost nothing by themselves pass, all others are refused.
 * (https://platform.openai.com/docs/api-reference/chat/create)
 */
export function chatBound(payload: JsonObject, counted?: CountedRequest): RequestBound {
  const { fresh, ...input } = inputBound(payload, counted, {
    list: "messages",
    unseenTokens: UNSEEN_TOKENS,
    // OpenRouter leaves out the middle of what is too long.
    isCut: CUTS.some((key) => payload[key] != null),
  });
  const maxTokens = largest(payload.max_completion_tokens, payload.max_tokens);
  const budget = largest(
    payload.thinking_budget,
    objectIn(payload.reasoning).max_tokens,
    objectIn(payload.thinking).budget_tokens,
  );
  // Some servers count thinking apart from the reply.
  const isApart = payload.thinking_budget != null && maxTokens !== undefined;
  return {
    ...input,
    maxOutputTokens: isApart ? maxTokens + (budget ?? 0) : withBudget(maxTokens, budget),
    outputParameter: "max_tokens, or max_completion_tokens,",
    unbounded: [
      ...setKeys(payload, COSTLY),
      ...unknownKeys(payload, KNOWN_TO_CHAT),
      ...unknownKeys(objectIn(payload.reasoning), KNOWN_OF_REASONING),
      ...unknownKeys(objectIn(payload.thinking), KNOWN_OF_THINKING),
      ...(entriesIn(payload.modalities).every((mode) => mode === "text") ? [] : setKeys(payload, ["modalities"])),
      ...(payload.enable_thinking === true && payload.thinking_budget == null
        ? ["enable_thinking without a thinking_budget"]
        : []),
      ...searchingModel(payload),
      ...objectsIn(payload.tools)
        .filter(({ type }) => type !== "function")
        .map(vendorTool),
      ...fresh.flatMap(uncounted),
    ],
    offList: unusualTier("service_tier", payload.service_tier),
  };
}

/** What OpenRouter and others leave out of what is too long. */
const CUTS = [
  "transforms",
  "truncation",
  "truncate_prompt_tokens",
  "prompt_truncate_len",
  "context_length_exceeded_behavior",
];

/** Few servers say what they add: templates of chats and tools have some hundred tokens. */
const UNSEEN_TOKENS = 1024;

function uncounted(message: JsonValue): readonly string[] {
  if (!isJsonObject(message)) return [];
  const parts = objectsIn(message.content).filter(({ type }) => typeof type !== "string" || !BOUNDED_PARTS.has(type));
  return [...parts.map(({ type }) => uncountedPart(type)), ...(message.audio == null ? [] : [uncountedPart("audio")])];
}

const BOUNDED_PARTS = wordSet("text refusal thinking reference");
