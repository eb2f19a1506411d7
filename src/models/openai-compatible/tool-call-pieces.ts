import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { parsedArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { withPiece } from "./pieces.ts";

/** The tool calls of a message, as their pieces come in. */
export class ToolCallPieces {
  readonly #calls: { readonly index: JsonValue | undefined; value: JsonObject }[] = [];

  /** As they are in a message that was not streamed. */
  get list(): readonly JsonObject[] {
    return this.#calls.map(({ value }) => value);
  }

  /** @throws Unreadable for what is no piece of a call */
  add(pieces: readonly JsonValue[]): void {
    for (const given of pieces) {
      if (!isJsonObject(given)) throw new Unreadable("a piece of a tool call is not an object", pieces);
      const { index, ...piece } = given;
      const call = this.#calls.findLast((one) => index === undefined || index === null || one.index === index);
      if (call === undefined || beginsAnother(call.value, piece)) this.#calls.push({ index, value: piece });
      else call.value = withPiece(call.value, piece);
    }
  }
}

/**
 * Whether a piece is the beginning of another call than the one its index means: some servers give no index, or the
 * same to all, and no id, or the same to all; but then each piece is a whole call.
 */
function beginsAnother(call: JsonObject, piece: JsonObject): boolean {
  if (hasText(call.id) && hasText(piece.id) && call.id !== piece.id) return true;
  const before = isJsonObject(call.function) ? call.function : {};
  const next = isJsonObject(piece.function) ? piece.function : {};
  return hasText(before.name) && hasText(next.name) && isWhole(before.arguments) && isSomething(next.arguments);
}

function isWhole(value: JsonValue | undefined): boolean {
  if (typeof value !== "string") return isJsonObject(value);
  return value.trim() !== "" && parsedArguments(value).invalid === undefined;
}

function isSomething(value: JsonValue | undefined): boolean {
  return isJsonObject(value) || hasText(value);
}

function hasText(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}
