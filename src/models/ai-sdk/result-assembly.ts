import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, toJson } from "../../json.ts";
import { Unreadable } from "../wire/wire-format.ts";
import type { AiSdkResult } from "./result.ts";
import { contentPart } from "./result.ts";

/** A text, a reasoning, or the input of a tool, that comes in pieces. */
interface OpenPart {
  readonly start: JsonObject;
  readonly key: "text" | "input";
  text: string;
  /** Metadata and citations: the last that came. */
  more: JsonObject;
  /** What came as a whole in its place. */
  whole: JsonObject | undefined;
}

/**
 * Puts the parts of a stream together to the result that `doGenerate` would have had. Parts that are not known here
 * do no harm; text that came is never lost, whether or not it was announced and whatever part it came in.
 */
export class ResultAssembly {
  readonly #content: (OpenPart | JsonObject)[] = [];
  readonly #open = new Map<string, OpenPart>();
  #response: JsonObject = {};
  #warnings: JsonValue = [];
  #finish: JsonObject | undefined;

  /** `finish` has arrived. */
  get complete(): boolean {
    return this.#finish !== undefined;
  }

  /**
   * Takes the next part; returns the piece of text in it, if there is one.
   * @throws Unreadable if it is none
   */
  add(part: unknown): string | undefined {
    if (!isJsonObject(part) || typeof part.type !== "string") {
      throw new Unreadable("a part of its stream is not an object with a type", part);
    }
    const [, kind, step] = /^(text|reasoning|tool-input)-(start|delta|end)$/.exec(part.type) ?? [];
    if (kind !== undefined && step !== undefined) return this.#extend(kind, step, part);
    switch (part.type) {
      case "response-metadata":
        this.#response = { ...this.#response, ...json(part), type: undefined };
        return undefined;
      case "stream-start":
        this.#warnings = toJson(part.warnings ?? []);
        return undefined;
      case "finish":
        this.#finish = json(part);
        return undefined;
      default:
        return CONTENT.has(part.type) ? this.#keep(part) : undefined;
    }
  }

  /** The whole result, once it is complete. */
  result(): AiSdkResult {
    const { finishReason, usage, providerMetadata } = this.#finish ?? {};
    const content = this.#content.map((part) => (isOpen(part) ? closed(part) : part));
    return { content, finishReason, usage, providerMetadata, response: this.#response, warnings: this.#warnings };
  }

  #extend(kind: string, step: string, part: JsonObject): string | undefined {
    const key = `${kind} ${describe(part.id)}`;
    let open = this.#open.get(key);
    if (open === undefined || step === "start") {
      open = kind === "tool-input" ? openCall(part) : openText(kind);
      this.#open.set(key, open);
      this.#content.push(open);
    }
    for (const name of ["providerMetadata", "citations"]) {
      if (part[name] !== undefined) open.more = { ...open.more, [name]: toJson(part[name]) };
    }
    // Some say what they stand for, and not only what is new, at the end.
    const piece = step === "delta" ? (part.delta ?? part.text) : open.text === "" ? part.text : undefined;
    if (typeof piece !== "string" || piece === "") return undefined;
    open.text += piece;
    return kind === "text" ? piece : undefined;
  }

  /** A preliminary result is a glimpse of one that is to come. Returns its text, if it is one. */
  #keep(part: JsonObject): string | undefined {
    if (part.type === "tool-result" && part.preliminary === true) return undefined;
    const open = part.type === "tool-call" ? this.#open.get(`tool-input ${describe(part.toolCallId)}`) : undefined;
    const whole = contentPart(part);
    if (open !== undefined && open.whole === undefined) open.whole = whole;
    else this.#content.push(whole);
    return whole.type === "text" && typeof whole.text === "string" && whole.text !== "" ? whole.text : undefined;
  }
}

/** Parts that are content as they are; those of other types tell of progress. */
const CONTENT: ReadonlySet<string> = new Set([
  "text",
  "reasoning",
  "tool-call",
  "tool-result",
  "tool-approval-request",
  "file",
  "reasoning-file",
  "source",
  "custom",
]);

function openText(type: string): OpenPart {
  return { start: { type }, key: "text", text: "", more: {}, whole: undefined };
}

/** The call that its input is for, should the call itself not come. */
function openCall({ id, toolName, providerExecuted, dynamic }: JsonObject): OpenPart {
  const flags = { ...(providerExecuted === true && { providerExecuted }), ...(dynamic === true && { dynamic }) };
  return {
    start: json({ type: "tool-call", toolCallId: id, toolName, ...flags }),
    key: "input",
    text: "",
    more: {},
    whole: undefined,
  };
}

function isOpen(part: OpenPart | JsonObject): part is OpenPart {
  return "more" in part && "start" in part;
}

function closed({ start, key, text, more, whole }: OpenPart): JsonObject {
  return whole ?? { ...start, [key]: text, ...more };
}

/** What came from a package may hold dates and the like. */
function json(part: JsonObject): JsonObject {
  const value = toJson(part);
  return isJsonObject(value) ? value : {};
}
