import type { JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { takeLossOf } from "../../process/contract/exact-json.ts";
import type { Growing } from "../wire/growing.ts";
import { grow } from "./pieces.ts";

/** The arguments of one call, as their pieces come in: texts, or objects. */
export class ArgumentPieces {
  /** As far as they came: a text of JSON, or an object. */
  given: JsonValue | undefined;
  /** The last character that is visible: so it need not be parsed to see that it is not whole. */
  #last: string | undefined;

  /** They are JSON as they are. */
  get isWhole(): boolean {
    if (typeof this.given !== "string") return isJsonObject(this.given);
    return (this.#last === "}" || this.#last === '"') && parsed(this.given) !== undefined;
  }

  /** As some servers begin, before any arguments have come. */
  get isEmpty(): boolean {
    // A long text that grows is only looked at when it is whole.
    if (typeof this.given === "string") return this.given.length < 20 && /^\s*(\{\s*\}|null)?\s*$/.test(this.given);
    return this.given === undefined || this.given === null || (isJsonObject(this.given) && isNothing(this.given));
  }

  add(piece: JsonValue | undefined): void {
    if (isBlankArguments(piece)) {
      this.given ??= piece;
      return;
    }
    const isFirst = this.isEmpty && (isBlankArguments(this.given) || beginsArguments(piece));
    if (!isFirst && this.isRepeatedBy(piece)) return;
    this.given = isFirst ? piece : joined(this.given, piece);
    if (typeof piece === "string") this.#last = piece.trimEnd().at(-1);
  }

  /** Whole arguments that are the same, however they are written. */
  isRepeatedBy(piece: JsonValue | undefined): boolean {
    if (!beginsArguments(piece) || !this.isWhole) return false;
    const [before, next] = [this.given, piece].map((one) => (typeof one === "string" ? parsed(one) : one));
    return next !== undefined && JSON.stringify(before) === JSON.stringify(next);
  }
}

/** It looks like the beginning of arguments, not like more of them. */
export function beginsArguments(args: JsonValue | undefined): boolean {
  return typeof args === "string" ? /^\s*\{/.test(args) : isJsonObject(args);
}

export function isBlankArguments(args: JsonValue | undefined): boolean {
  return args === undefined || args === null || (typeof args === "string" && args.trim() === "");
}

function joined(before: JsonValue | undefined, piece: JsonValue | undefined): JsonValue | undefined {
  if (typeof before === "string" && typeof piece === "string") return before + piece;
  if (!isJsonObject(piece)) return piece;
  if (!isJsonObject(before)) return piece;
  takeLossOf(piece, before);
  // A border post: it came with an earlier piece, and is nobody else's.
  grow(before as Growing, piece);
  return before;
}

function isNothing(value: object): boolean {
  return Object.keys(value).length === 0;
}

function parsed(json: string): JsonValue | undefined {
  try {
    return JSON.parse(json) as JsonValue;
  } catch {
    return undefined;
  }
}
