import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/model.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { anthropicReply, anthropicUsage } from "./reply.ts";

interface Block {
  value: JsonObject;
  /** The pieces of `input` so far: they are JSON only when all are there. */
  inputJson: string;
}

/**
 * Puts the events of a stream together to the message that a request without `stream` would have got. Events and
 * deltas that are not known here do no harm: a delta's texts are appended, its other values replace.
 * (https://platform.claude.com/docs/en/build-with-claude/streaming)
 */
export class AnthropicAssembly implements Assembly {
  #message: JsonObject | undefined;
  #complete = false;
  readonly #blocks: Block[] = [];

  /** `message_stop` has arrived. */
  get complete(): boolean {
    return this.#complete;
  }

  get whole(): boolean {
    return this.#complete;
  }

  get usage(): TokenUsage | undefined {
    return anthropicUsage(this.#message?.usage);
  }

  add(event: JsonObject): string | undefined {
    if (event.type === "message_start") {
      if (this.#message !== undefined || !isJsonObject(event.message))
        throw new Unreadable("a wrong message_start", event);
      this.#message = event.message;
      return undefined;
    }
    if (!KNOWN.has(event.type)) return undefined;
    if (this.#message === undefined || this.#complete) throw new Unreadable("an event outside the message", event);
    if (event.type === "content_block_start") return this.#startBlock(event);
    if (event.type === "content_block_delta") return this.#extendBlock(event);
    if (event.type === "message_delta") this.#message = withDelta(this.#message, event);
    if (event.type === "message_stop") this.#complete = true;
    return undefined;
  }

  result(): Reply {
    const unparsed = new Map<number, string>();
    const content = this.#blocks.map(({ value, inputJson }, index) => {
      if (inputJson.trim() === "") return value;
      try {
        return { ...value, input: JSON.parse(inputJson) as JsonValue };
      } catch {
        unparsed.set(index, inputJson);
        return { ...value, input: {} };
      }
    });
    return anthropicReply({ message: { ...this.#message, content }, unparsed });
  }

  #startBlock({ index, content_block: block, ...event }: JsonObject): string | undefined {
    if (index !== this.#blocks.length || !isJsonObject(block)) throw new Unreadable("a wrong content block", event);
    this.#blocks.push({ value: block, inputJson: "" });
    return block.type === "text" && typeof block.text === "string" && block.text !== "" ? block.text : undefined;
  }

  #extendBlock(event: JsonObject): string | undefined {
    const { index, delta } = event;
    const block = typeof index === "number" ? this.#blocks[index] : undefined;
    if (block === undefined || !isJsonObject(delta)) throw new Unreadable("a delta without its block", event);
    if (delta.type === "input_json_delta") {
      block.inputJson += typeof delta.partial_json === "string" ? delta.partial_json : "";
    } else if (delta.type === "citations_delta") {
      const list = Array.isArray(block.value.citations) ? (block.value.citations as readonly JsonValue[]) : [];
      block.value = { ...block.value, citations: [...list, delta.citation ?? null] };
    } else {
      block.value = extended(block.value, delta);
    }
    return delta.type === "text_delta" && typeof delta.text === "string" && delta.text !== "" ? delta.text : undefined;
  }
}

const KNOWN: ReadonlySet<JsonValue | undefined> = new Set([
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
]);

function extended(block: JsonObject, { type: _type, ...delta }: JsonObject): JsonObject {
  let value = block;
  for (const [key, piece] of Object.entries(delta)) {
    const before = value[key];
    value = { ...value, [key]: typeof before === "string" && typeof piece === "string" ? before + piece : piece };
  }
  return value;
}

/** The counts in a `message_delta` are totals, not increments; null means "as before". */
function withDelta(message: JsonObject, { type: _type, delta, usage, ...more }: JsonObject): JsonObject {
  const before = isJsonObject(message.usage) ? message.usage : {};
  const counts = isJsonObject(usage) ? Object.entries(usage).filter(([, value]) => value !== null) : [];
  return {
    ...message,
    ...more,
    ...(isJsonObject(delta) && delta),
    usage: { ...before, ...Object.fromEntries(counts) },
  };
}
