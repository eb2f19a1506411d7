import type { Message, PromptBlock, ToolReply } from "../../events/message.ts";
import type { JsonObject } from "../../json.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { dataURL, namedText, textInFile } from "../wire/prompt-file.ts";
import type { Renames, SayablePart } from "../wire/spoken-elsewhere.ts";
import { inOwnForm, USUAL_CALL_IDS } from "../wire/spoken-elsewhere.ts";

/**
 * Returns a function that makes a conversation the input of a request. Each message is converted and frozen once,
 * however many requests it goes out with. What the model said goes back as the items that it came in.
 * @throws LLMProcError `conversation_invalid` for blocks of another provider's model that cannot be converted
 */
export function responsesInput({
  stored,
  vendor,
}: {
  stored: boolean;
  vendor: string;
}): (messages: readonly Message[]) => readonly JsonObject[] {
  const toItems = convertOnce((message: Message) => convert(message, stored));
  const toOwn = inOwnForm({
    form: "responses",
    hasTextBlocks: false,
    vendor,
    callIds: USUAL_CALL_IDS,
    toBlocks,
    renamed,
    keepsOwnIds: false,
  });
  return (messages) => Object.freeze(toOwn(messages).flatMap(toItems));
}

function toBlocks(parts: readonly SayablePart[]): readonly JsonObject[] {
  return parts.map((part) =>
    part.kind === "text"
      ? { role: "assistant", content: part.text }
      : { type: "function_call", call_id: part.id, name: part.name, arguments: JSON.stringify(part.args) },
  );
}

function renamed(item: JsonObject, renames: Renames): JsonObject {
  const { type, call_id: id, name } = item;
  if (type !== "function_call" || typeof id !== "string" || typeof name !== "string") return item;
  return { ...item, call_id: renames.id(id), name: renames.name(name) };
}

function convert(message: Message, stored: boolean): readonly JsonObject[] {
  switch (message.role) {
    case "user": {
      const content = message.content
        .filter((block) => block.type !== "text" || block.text.trim() !== "")
        .map(promptPart);
      return content.length === 0 ? [] : [{ role: "user", content }];
    }
    case "tool":
      return message.content.map(functionOutput);
    case "assistant":
      // An interrupted message has only its text; a reply without a single item has nothing.
      if (message.content.length === 0)
        return message.text === "" ? [] : [{ role: "assistant", content: message.text }];
      return message.content
        .filter(saysSomething)
        .filter((item, place, items) => goesBack(item, items.slice(place + 1), stored));
  }
}

/** A message that was cut off before its first word. */
function saysSomething({ type, content }: JsonObject): boolean {
  return type !== "message" || !Array.isArray(content) || content.length > 0;
}

/**
 * Reasoning that is not stored is nothing to OpenAI if it is not there encrypted; and it must be followed by what it
 * led to, which is missing where the reply was cut off.
 */
function goesBack(item: JsonObject, following: readonly JsonObject[], stored: boolean): boolean {
  if (item.type !== "reasoning") return true;
  if (!stored && typeof item.encrypted_content !== "string") return false;
  return following.some(({ type }) => type !== "reasoning");
}

function promptPart(block: PromptBlock): JsonObject {
  if (block.type === "text") return { type: "input_text", text: block.text };
  if (block.type === "image") return { type: "input_image", image_url: "url" in block ? block.url : dataURL(block) };
  const text = textInFile(block);
  if (text !== undefined) return { type: "input_text", text: namedText(text, block.name) };
  return { type: "input_file", filename: block.name ?? "file", file_data: dataURL(block) };
}

function functionOutput({ callId, content, isError }: ToolReply): JsonObject {
  const isSilent = isError && content.trim() === "";
  const output = isSilent ? "The tool failed without a message." : content;
  return { type: "function_call_output", call_id: callId, output };
}
