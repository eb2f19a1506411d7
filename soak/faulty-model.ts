import type { JsonObject, Message } from "llmproc";
import type { ScriptedModel, ScriptedReply, ScriptedToolCall } from "llmproc/testing";
import { scripted } from "llmproc/testing";
import type { Chance } from "./chance.ts";
import { TOOL_NAMES } from "./faulty-tools.ts";
import { ticks } from "./ticks.ts";

const WORDS = ["so", "then", "the", "answer", "would", "be", "this", "\u{1F600}", "—", "quite"] as const;

/** What a prompt says that makes the model answer, and do nothing else: to see that a conversation can go on. */
export const PLAIN_PROMPT = "just answer";

/** A model that fails, breaks off, streams, and calls tools, as the chance of the prompt and the turn has it. */
export function faultyModel(chance: Chance): ScriptedModel {
  const asked = new Map<string, number>();
  const step = async ({ messages, depth }: { messages: readonly Message[]; depth: number }) => {
    const prompt = messages.findLastIndex(({ role }) => role === "user");
    const text = textOf(messages[prompt]);
    const turn = messages.length - prompt - 1;
    const key = `${text} ${depth} ${turn}`;
    const attempt = (asked.get(key) ?? 0) + 1;
    asked.set(key, attempt);
    const draw = chance.for("reply", key, attempt);
    await ticks(draw.below(4));
    return text === PLAIN_PROMPT ? { text: "yes" } : replyOf(draw, key, turn);
  };
  return scripted([step], { repeat: true });
}

function textOf(message: Message | undefined): string {
  const [block] = message?.role === "user" ? message.content : [];
  return block?.type === "text" ? block.text : "";
}

function replyOf(draw: Chance, key: string, turn: number): ScriptedReply {
  if (draw.happens(0.08)) return { error: { status: draw.pick([429, 500, 529, 400, 503]) } };
  if (draw.happens(0.03)) return { error: {} };
  const text = Array.from({ length: 1 + draw.below(8) }, () => draw.pick(WORDS)).join(" ");
  const usage = { inputTokens: draw.below(1000), outputTokens: draw.below(100) };
  if (draw.happens(0.05)) return { text, cutAfter: draw.below(text.length + 1) };
  if (turn >= 8 || draw.happens(turn / 10)) return { text, usage };
  const toolCalls = Array.from({ length: draw.below(5) }, (_, place) => callOf(draw, `${key} ${place}`));
  return draw.happens(0.3) && toolCalls.length > 0 ? { toolCalls, usage } : { text, toolCalls, usage };
}

function callOf(draw: Chance, key: string): ScriptedToolCall {
  const name = draw.pick(TOOL_NAMES);
  const args: JsonObject =
    name === "fork"
      ? { prompts: Array.from({ length: 1 + draw.below(3) }, (_, place) => `${key}.${place}`) }
      : name === "spawn"
        ? { prompt: `${key} spawned` }
        : { what: draw.below(1000) };
  // Arguments that do not fit, now and then.
  return draw.happens(0.05) ? { name, args: { odd: true } } : { name, args };
}
