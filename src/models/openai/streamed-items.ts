import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { isId } from "../wire/call-ids.ts";
import { partsOf, textOf, textPart, usualForm } from "./items.ts";

/** One part of a message, as its pieces come in. */
export interface StreamedPart {
  readonly type: "output_text" | "refusal";
  text: string;
}

/** An output item as the events of a stream tell of it. */
class StreamedItem {
  readonly index: JsonValue | undefined;
  /** As it began; what is known of one that was never told to begin. */
  readonly begun: JsonObject;
  /** As it was when it was told to be done. */
  done: JsonObject | undefined;
  /** What it consists of was told to be done. */
  isEnded = false;
  json = "";
  readonly #parts = new Map<string, StreamedPart>();

  constructor(begun: JsonObject, index: JsonValue | undefined) {
    this.begun = usualForm(begun);
    this.index = index;
  }

  get type(): JsonValue | undefined {
    return this.begun.type;
  }

  part(type: StreamedPart["type"], index: JsonValue | undefined): StreamedPart {
    const key = `${type} ${typeof index === "number" ? index : 0}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = { type, text: "" };
      this.#parts.set(key, part);
    }
    return part;
  }

  /** What was under way when it began is not, once all of it was told to be done. */
  get #ended(): JsonObject {
    const tells = this.begun.status !== undefined && this.begun.status !== null;
    return this.isEnded && tells ? { ...this.begun, status: "completed" } : this.begun;
  }

  /** The item, from what was told last: where that leaves out what has come in pieces, from those. */
  get value(): JsonObject {
    const told = this.done ?? this.#ended;
    if (this.type === "function_call") {
      const { arguments: given } = told;
      const isBlank = given === undefined || given === null || (typeof given === "string" && given.trim() === "");
      return isBlank ? { ...told, arguments: this.json } : told;
    }
    if (this.type !== "message" || partsOf(told).some((part) => textOf(part).length > 0)) return told;
    const parts = [...this.#parts.values()].filter(({ text }) => text !== "");
    return parts.length === 0 ? told : { ...told, content: parts.map(({ type, text }) => textPart(type, text)) };
  }
}

/**
 * The output items that a stream tells of piece by piece. Servers that leave out `item_id` or `output_index`, or use one
 * index for two items, mean the last item of the kind that the piece is for.
 */
export class StreamedItems {
  readonly #items: StreamedItem[] = [];
  #last: { readonly event: JsonObject; readonly part: StreamedPart } | undefined;

  get values(): readonly JsonObject[] {
    return this.#items.map(({ value }) => value);
  }

  begin({ output_index: index, item }: JsonObject): void {
    this.#last = undefined;
    if (isJsonObject(item)) this.#items.push(new StreamedItem(item, index));
  }

  finish({ output_index: index, item: given }: JsonObject): void {
    if (!isJsonObject(given)) return;
    const item = usualForm(given);
    const begun = this.#items.findLast((one) => one.done === undefined && isSame(one, item, index));
    if (begun !== undefined) begun.done = item;
    else {
      const whole = new StreamedItem(item, index);
      whole.done = item;
      this.#items.push(whole);
    }
  }

  /** The part that an event with text is about; most are about that of the event before. */
  part(event: JsonObject, type: StreamedPart["type"]): StreamedPart {
    const last = this.#last;
    if (last?.part.type === type && PLACE.every((key) => event[key] === last.event[key])) return last.part;
    const part = this.#itemFor(event, "message").part(type, event.content_index);
    this.#last = { event, part };
    return part;
  }

  /** A part of a message is whole. */
  endPart(event: JsonObject): void {
    this.#itemFor(event, "message").isEnded = true;
  }

  addArguments(event: JsonObject): void {
    const item = this.#itemFor(event, "function_call");
    if (typeof event.delta === "string") item.json += event.delta;
    else {
      item.isEnded = true;
      // The whole of it again, in the event that ends it.
      if (typeof event.arguments === "string") item.json = event.arguments;
    }
  }

  #itemFor({ item_id: id, output_index: index, name }: JsonObject, type: string): StreamedItem {
    const fitting = this.#items.filter((item) => item.type === type);
    const item =
      fitting.findLast((one) => isId(id) && one.begun.id === id) ??
      fitting.findLast((one) => typeof index === "number" && one.index === index) ??
      fitting.slice(-1).find(({ begun }) => !isId(id) || !isId(begun.id));
    if (item !== undefined) return item;
    const implied = new StreamedItem({ type, ...(isId(id) && { id }), ...(isId(name) && { name }) }, index);
    this.#items.push(implied);
    return implied;
  }
}

/** The fields that tell what a piece of text belongs to. */
const PLACE = ["item_id", "output_index", "content_index"];

/** By its id where both have one; else by its place. */
function isSame({ begun, index }: StreamedItem, item: JsonObject, place: JsonValue | undefined): boolean {
  if (begun.type !== item.type) return false;
  for (const key of ["call_id", "id"]) if (isId(begun[key]) && isId(item[key])) return begun[key] === item[key];
  return place === undefined || place === null || index === undefined || index === place;
}
