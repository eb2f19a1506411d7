import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { isId } from "../wire/call-ids.ts";
import type { Growing } from "../wire/growing.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { ArgumentPieces, beginsArguments, isBlankArguments } from "./argument-pieces.ts";
import { grow } from "./pieces.ts";

/**
 * The tool calls of a message, as their pieces come in. Which call a piece belongs to is told by its index, where
 * servers keep to that; many do not, so its id, its name and what its arguments look like have a say.
 */
export class ToolCallPieces {
  readonly #calls: CallInPieces[] = [];
  /** The last that began with each index. */
  readonly #byIndex = new Map<JsonValue | undefined, CallInPieces>();

  /** As they are in a message that was not streamed. */
  get list(): readonly JsonObject[] {
    return this.#calls.map(({ value }) => value);
  }

  /** @throws Unreadable for what is no piece of a call */
  add(pieces: readonly JsonValue[]): void {
    for (const given of pieces) {
      if (!isJsonObject(given)) throw new Unreadable("a piece of a tool call is not an object", pieces);
      const piece = pieceOf(given);
      const call = this.#callFor(piece);
      if (call === undefined || call.isFollowedBy(piece)) this.#begin(piece);
      else call.add(piece);
    }
  }

  #begin(piece: Piece): void {
    const call = new CallInPieces(piece);
    this.#calls.push(call);
    this.#byIndex.set(piece.index, call);
  }

  #callFor({ index, id }: Piece): CallInPieces | undefined {
    if (index !== undefined) return this.#byIndex.get(index);
    return this.#calls.findLast((call) => id !== undefined && call.id === id) ?? this.#calls.at(-1);
  }
}

/** What a piece says of its call. */
interface Piece {
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** A text of JSON, or an object. */
  readonly args: JsonValue | undefined;
  /** All else that it says, of the call and of its function. */
  readonly more: JsonObject;
  readonly moreOfFunction: JsonObject;
}

function pieceOf({ index, id, function: called, ...more }: JsonObject): Piece {
  const { name, arguments: args, ...moreOfFunction } = isJsonObject(called) ? called : {};
  return {
    index: typeof index === "number" || isId(index) ? String(index) : undefined,
    id: isId(id) ? id : undefined,
    name: typeof name === "string" && name !== "" ? name : undefined,
    args,
    more,
    moreOfFunction,
  };
}

class CallInPieces {
  id: string | undefined;
  #name: string | undefined;
  readonly #args = new ArgumentPieces();
  readonly #more: Growing = {};
  readonly #moreOfFunction: Growing = {};

  constructor(piece: Piece) {
    this.add(piece);
  }

  get value(): JsonObject {
    const { given } = this.#args;
    return {
      ...(this.id !== undefined && { id: this.id }),
      ...this.#more,
      function: {
        ...(this.#name !== undefined && { name: this.#name }),
        ...this.#moreOfFunction,
        ...(given !== undefined && { arguments: given }),
      },
    };
  }

  /**
   * Whether a piece that came to this call is the beginning of another one. Some servers give the same index to all
   * calls, or none, and the same id, or none: but then each piece is a whole call. Others repeat id and name with each
   * piece of one call, make a new id for each, or send a name in pieces: so without a new name it is the same call, and
   * with one, too, as long as its arguments are not whole.
   */
  isFollowedBy(piece: Piece): boolean {
    const { id, name, index } = piece;
    const isOther = this.id !== undefined && id !== undefined && this.id !== id;
    if (name === undefined) return isOther && index === undefined && isBlankArguments(piece.args);
    if (this.#name === undefined) return false;
    if (name === this.#name) return this.#isFollowedByItsLike(piece, isOther);
    if (isOther) return true;
    if (!isBlankArguments(this.#args.given)) return this.#args.isWhole;
    return index === undefined && (id !== undefined || piece.more.type !== undefined);
  }

  add({ id, name, args, more, moreOfFunction }: Piece): void {
    // What comes with a name that was there before is said again, and does not grow.
    const isNew = name === undefined || name !== this.#name;
    this.id ??= id;
    if (name !== undefined && isNew) this.#name = joinedName(this.#name, name);
    this.#args.add(args);
    grow(this.#more, isNew ? more : withoutKeysOf(this.#more, more));
    grow(this.#moreOfFunction, isNew ? moreOfFunction : withoutKeysOf(this.#moreOfFunction, moreOfFunction));
  }

  /** By a call of the same tool: its arguments begin where these are whole. */
  #isFollowedByItsLike({ id, args, index }: Piece, isOther: boolean): boolean {
    const { given, isWhole } = this.#args;
    if (isBlankArguments(given)) return isOther && index === undefined;
    if (isOther) return isWhole && (isBlankArguments(args) || beginsArguments(args));
    if (!beginsArguments(args) || !isWhole) return false;
    // Without another id, the same id or the same index means the same call: it is told again, or in full.
    const isSame = index !== undefined || (id !== undefined && id === this.id);
    return !(isSame && (this.#args.isEmpty || this.#args.isRepeatedBy(args)));
  }
}

/** A name that is sent in pieces, or as it is so far. */
function joinedName(name: string | undefined, next: string): string {
  return name === undefined || next.startsWith(name) ? next : name + next;
}

function withoutKeysOf(known: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([key]) => !Object.hasOwn(known, key)));
}
