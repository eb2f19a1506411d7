import type { Message, PromptBlock, ToolReply } from "../../events/message.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Conversation } from "../../process/contract/model.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { dataURL, namedText, textInFile } from "../wire/prompt-file.ts";
import type { Renames, SayablePart } from "../wire/spoken-elsewhere.ts";
import { inOwnForm, MISTRAL_CALL_IDS, SHORT_CALL_IDS } from "../wire/spoken-elsewhere.ts";

/**
 * Returns a function that puts a conversation into the form of Chat Completions. Each message is converted and frozen
 * once, however many requests it goes out with. Messages without anything in them are left out, and then neighbours
 * that are both the user's become one, for some servers insist that the roles alternate.
 * @throws LLMProcError `conversation_invalid` for blocks of another provider's model that cannot be converted
 */
export function chatMessages({
  sendReasoning,
  vendor,
}: {
  sendReasoning: boolean;
  vendor: string;
}): (conversation: Pick<Conversation, "system" | "messages">) => readonly JsonObject[] {
  const toMessages = convertOnce((message: Message) => convert(message, sendReasoning));
  const toOwn = inOwnForm({
    form: "chat",
    hasTextBlocks: false,
    vendor,
    callIds: vendor === "api.mistral.ai" ? MISTRAL_CALL_IDS : SHORT_CALL_IDS,
    toBlocks,
    renamed,
    keepsOwnIds: true,
  });
  return ({ system, messages }) => {
    const list: JsonObject[] = system.trim() === "" ? [] : [Object.freeze({ role: "system", content: system })];
    for (const message of toOwn(messages)) {
      for (const next of toMessages(message)) append(list, next);
    }
    return Object.freeze(list);
  };
}

function toBlocks(parts: readonly SayablePart[]): readonly JsonObject[] {
  const texts = parts.flatMap((part) => (part.kind === "text" ? [part.text] : []));
  const calls = parts.flatMap((part) => {
    if (part.kind === "text") return [];
    const { id, name, args } = part;
    return [{ id, type: "function", function: { name, arguments: JSON.stringify(args) } }];
  });
  const content = texts.length === 0 ? null : texts.join("\n");
  return [{ role: "assistant", content, ...(calls.length > 0 && { tool_calls: calls }) }];
}

function renamed(message: JsonObject, { name }: Renames): JsonObject {
  const { tool_calls: calls } = message;
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(calls) ? { ...message, tool_calls: (calls as readonly JsonValue[]).map(withName) } : message;

  function withName(call: JsonValue): JsonValue {
    if (!isJsonObject(call)) return call;
    const key = isJsonObject(call.custom) ? "custom" : "function";
    const called = call[key];
    if (!isJsonObject(called) || typeof called.name !== "string") return call;
    return { ...call, [key]: { ...called, name: name(called.name) } };
  }
}

function append(list: JsonObject[], next: JsonObject): void {
  const last = list.at(-1);
  if (next.role !== "user" || last?.role !== "user") list.push(next);
  else
    list[list.length - 1] = Object.freeze({ role: "user", content: Object.freeze([...parts(last), ...parts(next)]) });
}

function parts({ content }: JsonObject): readonly JsonValue[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  if (Array.isArray(content)) return content as readonly JsonValue[];
  return [Object.freeze({ type: "text", text: content ?? "" })];
}

function convert(message: Message, sendReasoning: boolean): readonly JsonObject[] {
  switch (message.role) {
    case "user":
      return userMessage(message.content);
    case "tool":
      return message.content.map(toolMessage);
    case "assistant": {
      // An interrupted message has only its text.
      if (message.content.length === 0) return [{ role: "assistant", content: message.text }].filter(hasContent);
      const said = sendReasoning ? message.content : message.content.map(withoutReasoning);
      return said.filter(hasContent);
    }
  }
}

/** A single text is sent as such: not every server takes a list of parts. */
function userMessage(blocks: readonly PromptBlock[]): readonly JsonObject[] {
  const content = blocks.filter((block) => block.type !== "text" || block.text.trim() !== "").map(promptPart);
  const [only] = content;
  if (only === undefined) return [];
  return [{ role: "user", content: content.length === 1 && only.type === "text" ? only.text : content }];
}

function promptPart(block: PromptBlock): JsonObject {
  if (block.type === "text") return { type: "text", text: block.text };
  if (block.type === "image") {
    return { type: "image_url", image_url: { url: "url" in block ? block.url : dataURL(block) } };
  }
  const text = textInFile(block);
  if (text !== undefined) return { type: "text", text: namedText(text, block.name) };
  return { type: "file", file: { filename: block.name ?? "file", file_data: dataURL(block) } };
}

function toolMessage({ callId, content, isError }: ToolReply): JsonObject {
  const isSilent = isError && content.trim() === "";
  return { role: "tool", tool_call_id: callId, content: isSilent ? "The tool failed without a message." : content };
}

const REASONING: ReadonlySet<string> = new Set(["reasoning", "reasoning_content", "reasoning_details"]);

function withoutReasoning(message: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([key]) => !REASONING.has(key)));
}

function hasContent({ content, tool_calls: calls, refusal, audio }: JsonObject): boolean {
  const says = typeof content === "string" ? content.trim() !== "" : Array.isArray(content) && content.length > 0;
  return says || (Array.isArray(calls) && calls.length > 0) || [refusal, audio].some((value) => value != null);
}
