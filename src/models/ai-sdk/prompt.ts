import type { Message, PromptBlock, ToolReply } from "../../events/message.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { namedText, textInFile } from "../wire/prompt-file.ts";
import type { Renames, SayablePart } from "../wire/spoken-elsewhere.ts";
import { inOwnForm, MISTRAL_CALL_IDS, SHORT_CALL_IDS } from "../wire/spoken-elsewhere.ts";
import type { AiSdkForm } from "./ai-sdk-model.ts";
import { isOurCall } from "./calls.ts";
import { inputArguments } from "./tool-input.ts";

/** A message as a model object takes it. A URL in it is a `URL`, as the AI SDK wants it. */
export type PromptMessage =
  | { readonly role: "system"; readonly content: string }
  | { readonly role: "user" | "assistant" | "tool"; readonly content: readonly object[] };

/**
 * Returns a function that puts a conversation into the AI SDK's form. Each message is converted and frozen once,
 * however many requests it goes out with. Prompts that follow each other become one message.
 * @throws LLMProcError `conversation_invalid` for blocks of another API's model that cannot be converted
 */
export function aiSdkPrompts(
  form: AiSdkForm,
  provider: string,
): (system: string, messages: readonly Message[]) => PromptMessage[] {
  const toPromptMessage = convertOnce(
    (message: Message): PromptMessage => ({ role: message.role, content: convert(message, form) }),
  );
  const toOwn = inOwnForm({
    form: "ai_sdk",
    hasTextBlocks: true,
    vendor: provider,
    callIds: /^mistral\b/.test(provider) ? MISTRAL_CALL_IDS : SHORT_CALL_IDS,
    toBlocks,
    renamed,
    keepsOwnIds: true,
  });
  return (system, messages) => {
    const list: PromptMessage[] = system.trim() === "" ? [] : [{ role: "system", content: system }];
    for (const message of toOwn(messages)) {
      const next = toPromptMessage(message);
      if (next.content.length > 0) append(list, next);
    }
    return list;
  };
}

function toBlocks(parts: readonly SayablePart[]): readonly JsonObject[] {
  return parts.map((part) =>
    part.kind === "text"
      ? { type: "text", text: part.text }
      : { type: "tool-call", toolCallId: part.id, toolName: part.name, input: part.args },
  );
}

function renamed(part: JsonObject, { name }: Renames): JsonObject {
  return isOurCall(part) && typeof part.toolName === "string" ? { ...part, toolName: name(part.toolName) } : part;
}

function append(list: PromptMessage[], next: PromptMessage): void {
  const last = list.at(-1);
  if (last?.role === "user" && next.role === "user") {
    list[list.length - 1] = Object.freeze({
      role: "user",
      content: Object.freeze([...last.content, ...next.content]),
    });
  } else {
    list.push(next);
  }
}

function convert(message: Message, form: AiSdkForm): readonly object[] {
  switch (message.role) {
    case "user":
      return message.content.flatMap((block) => promptPart(block, form));
    case "tool":
      return message.content.map(toolResultPart);
    case "assistant":
      // An interrupted message has only its text.
      if (message.content.length === 0) return message.text.trim() === "" ? [] : [{ type: "text", text: message.text }];
      return message.content.flatMap((block) => assistantPart(block));
  }
}

/** A file of text goes as text: not every provider takes one as a file. */
function promptPart(block: PromptBlock, form: AiSdkForm): readonly object[] {
  if (block.type === "text") return textPart(block.text);
  if (block.type === "file") {
    const { mediaType, data, name } = block;
    const text = textInFile(block);
    if (text !== undefined) return textPart(namedText(text, name));
    return [{ type: "file", mediaType, data: fileData(data, form), ...(name !== undefined && { filename: name }) }];
  }
  if ("url" in block) {
    const url = new URL(block.url);
    return [{ type: "file", mediaType: imageType(url), data: form === "v4" ? { type: "url", url } : url }];
  }
  return [{ type: "file", mediaType: block.mediaType, data: fileData(block.data, form) }];
}

/** Providers refuse texts without a visible letter. */
function textPart(text: string): readonly object[] {
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

function fileData(data: string, form: AiSdkForm): object | string {
  return form === "v4" ? { type: "data", data } : data;
}

/** The AI SDK wants a media type also for a URL, some providers an exact one: the ending of the path is all there is. */
function imageType({ pathname }: URL): string {
  const ending = /\.(png|jpe?g|gif|webp|avif|heic)$/i.exec(pathname)?.[1]?.toLowerCase();
  return ending === undefined ? "image/*" : `image/${ending === "jpg" ? "jpeg" : ending}`;
}

/** An empty value is allowed, but an error must say something. */
function toolResultPart({ callId, toolName, content, isError }: ToolReply): object {
  const output = isError
    ? { type: "error-text", value: content.trim() === "" ? "The tool failed without a message." : content }
    : { type: "text", value: content };
  return { type: "tool-result", toolCallId: callId, toolName, output };
}

/**
 * A part of a reply, as it goes back: its metadata becomes options, so that signatures survive. Parts that no prompt
 * can have (sources, requests for approval) stay in the conversation and are not sent.
 */
function assistantPart({ providerMetadata, ...part }: JsonObject): readonly object[] {
  const options = isJsonObject(providerMetadata) ? { providerOptions: providerMetadata } : {};
  switch (part.type) {
    case "text":
    case "reasoning":
      if (part.text === "" && providerMetadata === undefined) return [];
      return [{ type: part.type, text: part.text, ...options }];
    case "tool-call":
      return [{ ...part, input: inputArguments(part.input).args, ...options }];
    case "tool-result": {
      const { type, toolCallId, toolName, result = null, isError } = part;
      const output = { type: isError === true ? "error-json" : "json", value: result };
      return [{ type, toolCallId, toolName, output, ...options }];
    }
    case "file":
    case "reasoning-file":
      return [{ ...part, data: returnedData(part.data), ...options }];
    case "custom":
      return [{ ...part, ...options }];
    default:
      return [];
  }
}

/** In the conversation a URL is a text, as JSON has nothing else. */
function returnedData(data: JsonValue | undefined): unknown {
  if (!isJsonObject(data) || typeof data.url !== "string") return data;
  return { ...data, url: URL.canParse(data.url) ? new URL(data.url) : data.url };
}
