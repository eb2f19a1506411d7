import type { Message, PromptBlock, ToolReply } from "../../events/message.ts";
import type { JsonObject } from "../../json.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { textInFile } from "../wire/prompt-file.ts";
import type { Renames, SayablePart } from "../wire/spoken-elsewhere.ts";
import { inOwnForm, USUAL_CALL_IDS } from "../wire/spoken-elsewhere.ts";

/** A message as the Messages API takes it. (https://platform.claude.com/docs/en/api/messages) */
export interface AnthropicMessage {
  readonly [key: string]: string | readonly JsonObject[];
  readonly role: "user" | "assistant";
  readonly content: readonly JsonObject[];
}

/**
 * Returns a function that puts a conversation into Anthropic's form. Each message is converted and frozen once,
 * however many requests it goes out with. Roles alternate: neighbours of the same role become one message. Text
 * blocks without visible text are left out, for the API refuses them.
 * @throws LLMProcError `conversation_invalid` for blocks of another provider's model that cannot be converted
 */
export function anthropicMessages(vendor: string): (messages: readonly Message[]) => readonly AnthropicMessage[] {
  const toOwn = inOwnForm({
    form: "messages",
    hasTextBlocks: true,
    vendor,
    callIds: USUAL_CALL_IDS,
    toBlocks,
    renamed,
    keepsOwnIds: false,
  });
  const toMessage = convertOnce((message: Message): AnthropicMessage => {
    return { role: message.role === "assistant" ? "assistant" : "user", content: convert(message) };
  });
  return (messages) => {
    const list: AnthropicMessage[] = [];
    for (const message of toOwn(messages)) {
      const next = toMessage(message);
      if (next.content.length > 0) append(list, next);
    }
    return Object.freeze(list);
  };
}

function toBlocks(parts: readonly SayablePart[]): readonly JsonObject[] {
  return parts.map((part) =>
    part.kind === "text"
      ? { type: "text", text: part.text }
      : { type: "tool_use", id: part.id, name: part.name, input: part.args },
  );
}

function renamed(block: JsonObject, renames: Renames): JsonObject {
  const { type, id, name } = block;
  if (type !== "tool_use" || typeof id !== "string" || typeof name !== "string") return block;
  return { ...block, id: renames.id(id), name: renames.name(name) };
}

function append(list: AnthropicMessage[], next: AnthropicMessage): void {
  const last = list.at(-1);
  if (last?.role !== next.role) {
    list.push(next);
  } else {
    list[list.length - 1] = Object.freeze({
      role: next.role,
      content: Object.freeze([...last.content, ...next.content]),
    });
  }
}

function convert(message: Message): readonly JsonObject[] {
  switch (message.role) {
    case "user":
      return message.content.map(promptBlock).filter(hasContent);
    case "tool":
      return message.content.map(toolResult);
    case "assistant":
      // An interrupted message has only its text.
      if (message.content.length === 0) return [{ type: "text", text: message.text }].filter(hasContent);
      return message.content.filter(hasContent);
  }
}

/** "text content blocks must contain non-whitespace text": also where the model itself has sent such a block. */
function hasContent(block: JsonObject): boolean {
  return block.type !== "text" || typeof block.text !== "string" || block.text.trim() !== "";
}

function promptBlock(block: PromptBlock): JsonObject {
  if (block.type === "text") return { type: "text", text: block.text };
  if (block.type === "file") {
    return { type: "document", source: documentSource(block), ...(block.name !== undefined && { title: block.name }) };
  }
  if ("url" in block) return { type: "image", source: { type: "url", url: block.url } };
  return { type: "image", source: { type: "base64", media_type: block.mediaType, data: block.data } };
}

/** The API takes PDF as base64, and every kind of text as `text/plain`, not encoded. */
function documentSource({ mediaType, data }: { mediaType: string; data: string }): JsonObject {
  const text = textInFile({ mediaType, data });
  if (text === undefined) return { type: "base64", media_type: mediaType, data };
  return { type: "text", media_type: "text/plain", data: text };
}

/** Content is optional, but an error must have some. */
function toolResult({ callId, content, isError }: ToolReply): JsonObject {
  const text = content.trim() !== "" ? content : isError ? "The tool failed without a message." : undefined;
  return {
    type: "tool_result",
    tool_use_id: callId,
    ...(text !== undefined && { content: text }),
    ...(isError && { is_error: true }),
  };
}
