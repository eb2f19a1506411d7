import { describe, LLMProcError, toError } from "../../errors.ts";
import type { Message, ToolReply } from "../../events/message.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { parseJson } from "../contract/exact-json.ts";
import { isConversationTooDeep } from "./bounded-reply.ts";
import { WrongArguments, withArguments } from "./check-arguments.ts";
import { checkedBlock, isBlank } from "./check-prompt.ts";
import type { SpokenCall } from "./spoken.ts";
import { readSpoken } from "./spoken.ts";
import { INTERRUPTED } from "./tool-result.ts";

/**
 * A conversation to go on with, as its own copy that every provider would take: it begins with a prompt, and each call
 * is answered right behind the message that asks. Where it was merely cut, the missing results are "interrupted".
 * @throws LLMProcError `conversation_invalid` for what cannot be sent, with its place
 */
export function checkMessages(given: unknown): readonly Message[] {
  const messages = copyOf(given);
  if (isConversationTooDeep(messages)) throw invalid("messages", "are nested too deep");
  if (!Array.isArray(messages)) {
    throw invalid("messages", `must be a list of messages, as process.messages gives it, not ${describe(messages)}`);
  }
  const checked = new CheckedConversation();
  // A border post: `Array.isArray` gives `any[]` for what is unknown.
  for (const [place, message] of (messages as readonly unknown[]).entries()) checked.add(message, `messages[${place}]`);
  return checked.end();
}

/** As JSON has it: a conversation is plain data, and goes out as such. */
function copyOf(given: unknown): unknown {
  try {
    const text: string | undefined = JSON.stringify(given);
    return text === undefined ? given : parseJson(text);
  } catch (cause) {
    const [firstLine = ""] = toError(cause).message.split("\n");
    const why = cause instanceof RangeError ? "they are nested too deep" : firstLine;
    throw new LLMProcError("conversation_invalid", `messages cannot be written as JSON: ${why}.`, { cause });
  }
}

/** The messages so far, the last of which may have calls that wait for results. */
class CheckedConversation {
  readonly #messages: Message[] = [];
  #calls: readonly SpokenCall[] = [];
  readonly #results = new Map<string, ToolReply>();

  add(message: unknown, place: string): void {
    if (!isJsonObject(message)) {
      throw invalid(place, `must be an object with a "role" and its "content", not ${describe(message)}`);
    }
    if (message.role !== "tool") this.#answerAll();
    switch (message.role) {
      case "user":
        this.#messages.push({ role: "user", content: promptIn(message, place) });
        return;
      case "assistant":
        this.#addSpoken(message, place);
        return;
      case "tool":
        this.#addResults(message, place);
        return;
      default:
        throw invalid(
          `${place}.role`,
          `is ${describe(message.role)}. There are "user", "assistant" and "tool"; what a system message says belongs into the program's system prompt`,
        );
    }
  }

  end(): readonly Message[] {
    this.#answerAll();
    return this.#messages;
  }

  #addSpoken(message: JsonObject, place: string): void {
    if (this.#messages.length === 0) {
      throw invalid(place, `is the model's. A conversation begins with a prompt: cut it in front of one of the user's`);
    }
    const spoken = spokenIn(message, place);
    this.#calls = spoken.calls;
    this.#messages.push(spoken.message);
  }

  #addResults(message: JsonObject, place: string): void {
    const { content } = message;
    if (!Array.isArray(content))
      throw invalid(`${place}.content`, `must be a list of results, not ${describe(content)}`);
    // A border post: `Array.isArray` gives `any[]` for a read-only list.
    for (const [index, value] of (content as readonly JsonValue[]).entries()) {
      const at = `${place}.content[${index}]`;
      const result = resultIn(value, at);
      const call = this.#calls.find(({ id }) => id === result.callId);
      const name = describe(result.callId);
      if (call === undefined)
        throw invalid(at, `answers the call ${name}, which the message before it does not ask for`);
      if (this.#results.has(call.id)) throw invalid(at, `answers the call ${name} a second time`);
      this.#results.set(call.id, { ...result, toolName: call.name });
    }
  }

  /** What is still open was cut off, or left out. */
  #answerAll(): void {
    if (this.#calls.length === 0) return;
    const content = this.#calls.map(({ id, name }): ToolReply => {
      const { content: text, isError } = INTERRUPTED;
      return this.#results.get(id) ?? { callId: id, toolName: name, content: text, isError };
    });
    this.#messages.push({ role: "tool", content });
    this.#calls = [];
    this.#results.clear();
  }
}

function promptIn({ content }: JsonObject, place: string): Extract<Message, { role: "user" }>["content"] {
  if (typeof content === "string" && content.trim() !== "") return [{ type: "text", text: content }];
  if (!Array.isArray(content) || content.length === 0) {
    throw invalid(
      `${place}.content`,
      `must be a text, or a list of blocks, that is not empty, not ${describe(content)}`,
    );
  }
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const blocks = (content as readonly JsonValue[]).map((block, index) =>
    checkedBlock(block, `${place}.content[${index}]`, "conversation_invalid"),
  );
  if (isBlank(blocks)) throw invalid(`${place}.content`, "has nothing but blank text in its blocks");
  return blocks;
}

interface SpokenMessage {
  readonly message: Extract<Message, { role: "assistant" }>;
  readonly calls: readonly SpokenCall[];
}

function spokenIn({ content, text, interrupted }: JsonObject, place: string): SpokenMessage {
  if (text !== undefined && typeof text !== "string") {
    throw invalid(`${place}.text`, `must be a string, not ${describe(text)}`);
  }
  if (typeof content === "string") {
    refuseUnsent(text, [content], place);
    return { message: { role: "assistant", content: [], text: content }, calls: [] };
  }
  if (!Array.isArray(content)) {
    throw invalid(`${place}.content`, `must be the list of blocks that the model sent, not ${describe(content)}`);
  }
  const texts: string[] = [];
  const calls: SpokenCall[] = [];
  const { parts: partsOfBlocks, form } = readSpoken(content as readonly JsonValue[]);
  for (const [index, parts] of partsOfBlocks.entries()) {
    for (const part of parts) {
      const at = `${place}.content[${index}]`;
      if (part.kind === "malformed") throw invalid(at, part.problem);
      if (part.kind === "text" && part.text !== "") texts.push(part.text);
      if (part.kind !== "call") continue;
      if (calls.some(({ id }) => id === part.id)) throw invalid(at, `has the id of another call, ${describe(part.id)}`);
      calls.push(part);
    }
  }
  // Where there is no block, the text is what goes out; nobody knows what an unknown block says.
  const isKnown = form !== undefined || !partsOfBlocks.flat().some(({ kind }) => kind === "other");
  if (content.length > 0 && isKnown) refuseUnsent(text, texts, place);
  const message = {
    role: "assistant",
    content: (content as readonly JsonObject[]).map((block, index) => blockIn(block, `${place}.content[${index}]`)),
    text: text ?? texts.join("\n"),
  } as const;
  return { message: interrupted === true ? { ...message, interrupted } : message, calls };
}

/** Blocks go out as they are: a text beside them that they do not say would be lost. */
function refuseUnsent(text: string | undefined, sent: readonly string[], place: string): void {
  const visible = (some: string) => some.replaceAll(/\s/g, "");
  if (text === undefined || visible(sent.join("")).includes(visible(text))) return;
  throw invalid(
    `${place}.text`,
    `is ${describe(text)}, which ${place}.content does not say, so no model would read it. Put it there, or take it out`,
  );
}

function blockIn(block: JsonObject, place: string): JsonObject {
  try {
    return withArguments(block);
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    throw invalid(`${place}${error.place}`, error.message);
  }
}

function resultIn(value: JsonValue, place: string): Omit<ToolReply, "toolName"> {
  if (!isJsonObject(value)) throw invalid(place, `must be an object, not ${describe(value)}`);
  const { callId, content, isError = false } = value;
  if (typeof callId !== "string") throw invalid(`${place}.callId`, `must be the id of a call, not ${describe(callId)}`);
  if (typeof content !== "string") throw invalid(`${place}.content`, `must be a string, not ${describe(content)}`);
  if (typeof isError !== "boolean")
    throw invalid(`${place}.isError`, `must be true or false, not ${describe(isError)}`);
  return { callId, content, isError };
}

function invalid(place: string, problem: string): LLMProcError {
  return new LLMProcError("conversation_invalid", `${place} ${problem}.`);
}
