import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import { isId } from "../wire/call-ids.ts";
import { laterStop, stopWord } from "../wire/stop-reason.ts";
import { StreamedText } from "../wire/streamed-text.ts";
import { parsedInput } from "../wire/tool-arguments.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { anthropicReply, anthropicTexts } from "./reply.ts";
import { anthropicUsage, StreamedUsage } from "./usage.ts";

/** A block as it grows. Nobody else has it before it is whole. */
interface Block {
  readonly value: Record<string, JsonValue | undefined>;
  /** The pieces of `input` so far: they are JSON only when all are there. */
  json: string;
  isOpen: boolean;
}

/**
 * Puts the events of a stream together to the message that a request without `stream` would have got. Blocks stand in
 * the order in which they began, whatever their `index`: it only tells which of them a delta belongs to. Events and
 * deltas that are not known here do no harm: a delta's texts are appended, its other values replace.
 * (https://platform.claude.com/docs/en/build-with-claude/streaming)
 */
export class AnthropicAssembly implements Assembly {
  #message: Record<string, JsonValue | undefined> = {};
  #hasStarted = false;
  #complete = false;
  readonly #usage = new StreamedUsage();
  readonly #streamed = new StreamedText();
  readonly #blocks: Block[] = [];
  /** The last that began with each index: some servers use one again. */
  readonly #byIndex = new Map<JsonValue | undefined, Block>();

  /** `message_stop` has arrived. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Not every server says `message_stop`; but then it says why the model stopped. */
  get whole(): boolean {
    return this.#complete || stopWord(this.#message.stop_reason) !== undefined;
  }

  get usage(): TokenUsage | undefined {
    return anthropicUsage(this.#usage.soFar);
  }

  get unheard(): string {
    const content = this.#blocks.length > 0 ? this.#blocks.map(({ value }) => value) : this.#message.content;
    return this.#streamed.unheardOf(anthropicTexts({ content }));
  }

  end(): void {
    this.#complete = this.#hasStarted || this.#blocks.length > 0;
  }

  add(event: JsonObject): string | undefined {
    switch (event.type) {
      case "message_start":
        this.#start(event);
        return undefined;
      case "content_block_start":
        return this.#startBlock(event);
      case "content_block_delta":
        return this.#extendBlock(event);
      case "content_block_stop":
        this.#stopBlock(event);
        return undefined;
      case "message_delta":
        this.#goOn(event);
        return undefined;
      case "message_stop":
        this.end();
        return undefined;
      case "message":
        this.#takeWhole(event);
        return undefined;
      default:
        this.#usage.go(event.usage);
        return undefined;
    }
  }

  result(): Reply {
    const content = this.#blocks.map(({ value, json }) => {
      if (json.trim() === "") return value;
      return { ...value, input: value.type === "tool_use" ? json : parsedInput(json) };
    });
    const usage = this.#usage.soFar;
    const message = {
      ...this.#message,
      ...((content.length > 0 || this.#message.content === undefined) && { content }),
      ...(usage !== undefined && { usage }),
    };
    return this.#streamed.holdTo(anthropicReply(message, { usage: this.#usage.ofWhole }));
  }

  #start({ message, ...event }: JsonObject): void {
    if (this.#hasStarted || !isJsonObject(message)) throw new Unreadable("a wrong message_start", event);
    this.#hasStarted = true;
    this.#message = { ...message, ...this.#message };
    this.#usage.start(message.usage);
  }

  /** A reply that is one event, as if it had not been asked for as a stream. */
  #takeWhole(message: JsonObject): void {
    if (this.#hasStarted) return;
    this.#start({ message });
    if (stopWord(message.stop_reason) === undefined) return;
    this.#usage.go(message.usage);
    this.end();
  }

  #startBlock({ index, content_block: block, ...event }: JsonObject): string | undefined {
    if (!isJsonObject(block)) throw new Unreadable("a wrong content block", event);
    if (this.#isAgain(index, block)) return undefined;
    const begun = this.#begin(index, block);
    return block.type === "text" ? this.#streamed.handOut(block.text, begun) : undefined;
  }

  #begin(index: JsonValue | undefined, value: JsonObject): Block {
    const block: Block = { value: { ...value }, json: "", isOpen: true };
    this.#blocks.push(block);
    this.#byIndex.set(index, block);
    return block;
  }

  /** A call that is told again, with its id and its index, is one call: what follows is all of its input. */
  #isAgain(index: JsonValue | undefined, { type, id }: JsonObject): boolean {
    const before = this.#byIndex.get(index);
    if (before === undefined || type !== "tool_use" || !isId(id) || before.value.id !== id) return false;
    before.json = "";
    before.isOpen = true;
    return true;
  }

  #stopBlock({ index }: JsonObject): void {
    const block = this.#byIndex.get(index);
    if (block !== undefined) block.isOpen = false;
  }

  #extendBlock(event: JsonObject): string | undefined {
    const { index, delta } = event;
    const block = isJsonObject(delta) ? this.#blockFor(index, delta) : undefined;
    if (block === undefined || !isJsonObject(delta)) throw new Unreadable("a delta without its block", event);
    if (delta.type === "input_json_delta") {
      block.json += typeof delta.partial_json === "string" ? delta.partial_json : "";
      return undefined;
    }
    if (delta.type === "citations_delta") {
      // A border post: `Array.isArray` gives `any[]` for a read-only list.
      const list = Array.isArray(block.value.citations) ? (block.value.citations as readonly JsonValue[]) : [];
      block.value.citations = [...list, delta.citation ?? null];
      return undefined;
    }
    extend(block.value, delta);
    return delta.type === "text_delta" ? this.#streamed.handOut(delta.text, block) : undefined;
  }

  /** The block that an index means; where it means none, or one of another kind, what a server must have meant. */
  #blockFor(index: JsonValue | undefined, { type }: JsonObject): Block | undefined {
    const named = this.#byIndex.get(index);
    if (named !== undefined && fits(named, type)) return named;
    const last = this.#blocks.findLast((block) => block.isOpen && fits(block, type));
    if (last !== undefined && (type === "input_json_delta" || last === this.#blocks.at(-1))) return last;
    if (type === "text_delta") return this.#begin(index, { type: "text", text: "" });
    return type === "thinking_delta" ? this.#begin(index, { type: "thinking", thinking: "" }) : undefined;
  }

  /** What a delta of the message says holds from then on; null means "as before". */
  #goOn({ type: _type, delta, usage, ...more }: JsonObject): void {
    const { usage: within, ...said } = isJsonObject(delta) ? delta : {};
    for (const [key, value] of Object.entries({ ...more, ...said })) {
      if (key === "stop_reason") this.#message[key] = laterStop(this.#message[key], value) ?? null;
      else if (value !== null || this.#message[key] === undefined) this.#message[key] = value;
    }
    this.#usage.go(usage ?? within);
  }
}

/** Which blocks the known deltas are for; others are for any. */
const KINDS: ReadonlyMap<JsonValue | undefined, RegExp> = new Map([
  ["text_delta", /^text$/],
  ["citations_delta", /^text$/],
  ["thinking_delta", /^thinking$/],
  ["signature_delta", /^thinking$/],
  ["input_json_delta", /_use$/],
]);

function fits({ value }: Block, delta: JsonValue | undefined): boolean {
  return KINDS.get(delta)?.test(typeof value.type === "string" ? value.type : "") ?? true;
}

function extend(value: Block["value"], { type: _type, ...delta }: JsonObject): void {
  for (const [key, piece] of Object.entries(delta)) {
    const before = value[key];
    value[key] = typeof before === "string" && typeof piece === "string" ? before + piece : piece;
  }
}
