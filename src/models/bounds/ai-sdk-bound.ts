import type { Model } from "../../process/model.ts";
import { chatBound } from "./chat-bound.ts";
import { converseBound } from "./converse-bound.ts";
import { geminiBound } from "./gemini-bound.ts";
import { responsesBound } from "./responses-bound.ts";

type Bound = NonNullable<Model["bound"]>;

/**
 * What bounds the bodies that a provider's AI SDK package makes; undefined for those whose form is not known here, or
 * whose limit of output may leave out reasoning (xAI), so that no limit can be held with them.
 */
export function aiSdkBound(provider: string): Bound | undefined {
  return BOUNDS.get(provider);
}

/** Some packages have two forms: which one it is, the body says. */
const chatOrResponses: Bound = (payload, counted) =>
  Array.isArray(payload.input) ? responsesBound(payload, counted) : chatBound(payload, counted);

const CHAT_PROVIDERS = ["mistral", "groq", "deepseek", "together", "fireworks", "deepinfra", "cerebras", "moonshotai"];

const BOUNDS: ReadonlyMap<string, Bound> = new Map<string, Bound>([
  ["google", geminiBound],
  ["google_vertex", geminiBound],
  ["bedrock", converseBound],
  ["azure", chatOrResponses],
  ...CHAT_PROVIDERS.map((provider): [string, Bound] => [provider, chatBound]),
]);
