import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, toJson } from "../../json.ts";
import { ModelError } from "../../process/model.ts";
import type { AiSdkResult } from "./result.ts";
import { contentPart } from "./result.ts";

/** A text or reasoning that comes in pieces. */
class OpenBlock {
  readonly type: "text" | "reasoning";
  text = "";
  /** Metadata and citations: the last that came. */
  more: JsonObject = {};

  constructor(type: "text" | "reasoning") {
    this.type = type;
  }

  get part(): JsonObject {
    return { type: this.type, text: this.text, ...this.more };
  }
}

/**
 * Puts the parts of a stream together to the result that `doGenerate` would have had. Parts that are not known here
 * do no harm.
 */
export class Assembly {
  readonly #content: (OpenBlock | JsonObject)[] = [];
  readonly #blocks = new Map<string, OpenBlock>();
  #response: JsonObject = {};
  #warnings: JsonValue = [];
  #finish: JsonObject | undefined;

  /** `finish` has arrived. */
  get complete(): boolean {
    return this.#finish !== undefined;
  }

  /**
   * Takes the next part; returns the piece of text in it, if there is one.
   * @throws ModelError if it is none
   */
  add(part: unknown): string | undefined {
    if (!isJsonObject(part) || typeof part.type !== "string") {
      throw new ModelError("A part of the stream is not an object with a type.", { connection: true });
    }
    const [, kind, step] = /^(text|reasoning)-(start|delta|end)$/.exec(part.type) ?? [];
    if (kind !== undefined && step !== undefined) return this.#extend(kind, step, part);
    if (CONTENT.has(part.type)) this.#keep(part);
    if (part.type === "response-metadata") this.#response = { ...this.#response, ...json(part), type: undefined };
    if (part.type === "stream-start") this.#warnings = toJson(part.warnings ?? []);
    if (part.type === "finish") this.#finish = json(part);
    return undefined;
  }

  /** The whole result, once it is complete. */
  result(): AiSdkResult {
    const { finishReason, usage, providerMetadata } = this.#finish ?? {};
    const content = this.#content.map((part) => (part instanceof OpenBlock ? part.part : part));
    return { content, finishReason, usage, providerMetadata, response: this.#response, warnings: this.#warnings };
  }

  #extend(kind: string, step: string, part: JsonObject): string | undefined {
    const key = `${kind} ${describe(part.id)}`;
    let block = this.#blocks.get(key);
    if (block === undefined || step === "start") {
      block = new OpenBlock(kind === "text" ? "text" : "reasoning");
      this.#blocks.set(key, block);
      this.#content.push(block);
    }
    for (const name of ["providerMetadata", "citations"]) {
      if (part[name] !== undefined) block.more = { ...block.more, [name]: toJson(part[name]) };
    }
    if (step !== "delta" || typeof part.delta !== "string" || part.delta === "") return undefined;
    block.text += part.delta;
    return kind === "text" ? part.delta : undefined;
  }

  /** A preliminary result is a glimpse of one that is to come. */
  #keep(part: JsonObject): void {
    if (part.type === "tool-result" && part.preliminary === true) return;
    this.#content.push(contentPart(part));
  }
}

/** Parts that are content as they are; those of other types tell of progress. */
const CONTENT: ReadonlySet<string> = new Set([
  "tool-call",
  "tool-result",
  "tool-approval-request",
  "file",
  "reasoning-file",
  "source",
  "custom",
]);

/** What came from a package may hold dates and the like. */
function json(part: JsonObject): JsonObject {
  const value = toJson(part);
  return isJsonObject(value) ? value : {};
}
