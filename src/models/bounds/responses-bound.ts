import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { CountedRequest, RequestBound } from "../../process/contract/model.ts";
import { inputBound } from "./input-bound.ts";
import {
  countIn,
  objectIn,
  objectsIn,
  searchingModel,
  uncountedPart,
  unknownKeys,
  unusualTier,
  vendorTool,
  wordSet,
} from "./payload-parts.ts";

/**
 * What a request to the Responses API can use at most. `max_output_tokens` holds for all output, reasoning among it.
 * (https://platform.openai.com/docs/api-reference/responses/create)
 */
export function responsesBound(payload: JsonObject, counted?: CountedRequest): RequestBound {
  const { fresh, ...input } = inputBound(payload, counted, {
    list: "input",
    unseenTokens: UNSEEN_TOKENS,
    // It leaves out items of what is too long.
    isCut: payload.truncation === "auto",
  });
  return {
    ...input,
    maxOutputTokens: countIn(payload.max_output_tokens),
    outputParameter: "max_output_tokens",
    unbounded: [
      ...unknownKeys(payload, KNOWN),
      ...unknownKeys(objectIn(payload.reasoning), KNOWN_OF_REASONING),
      ...searchingModel(payload),
      ...objectsIn(payload.tools)
        .filter(({ type }) => type !== "function" && type !== "custom")
        .map(vendorTool),
      // The reasoning that led to the reply just counted has been counted with it.
      ...fresh.flatMap((item) => uncounted(item, input.countedTokens > 0)),
    ],
    offList: unusualTier("service_tier", payload.service_tier),
  };
}

const UNSEEN_TOKENS = 1024;

/** Among what is missing here: conversations and prompts that OpenAI keeps, whose length nobody here knows; summaries. */
const KNOWN = wordSet(
  "model stream stream_options include instructions tools tool_choice parallel_tool_calls input max_output_tokens",
  "temperature top_p top_logprobs reasoning text store metadata user safety_identifier prompt_cache_key",
  "prompt_cache_retention truncation service_tier max_tool_calls",
);
const KNOWN_OF_REASONING = wordSet("effort summary generate_summary");

function uncounted(item: JsonValue, isAfterReply: boolean): readonly string[] {
  if (!isJsonObject(item)) return [];
  const { type = "message", content, output } = item;
  if (type === "reasoning") {
    const isHere = typeof item.encrypted_content === "string" || isAfterReply;
    return isHere ? [] : ["reasoning that OpenAI keeps itself"];
  }
  if (typeof type !== "string" || !BOUNDED_ITEMS.has(type)) return [uncountedPart(type)];
  const parts = [...objectsIn(content), ...objectsIn(output)];
  const types = parts.map((part) => part.type);
  return types.filter((name) => typeof name !== "string" || !BOUNDED_PARTS.has(name)).map(uncountedPart);
}

const BOUNDED_ITEMS = wordSet("message function_call function_call_output custom_tool_call custom_tool_call_output");
const BOUNDED_PARTS = wordSet("input_text output_text refusal summary_text");
