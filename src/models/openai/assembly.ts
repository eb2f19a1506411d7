import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import { isId } from "../wire/call-ids.ts";
import { stopMeaning } from "../wire/stop-reason.ts";
import { StreamedText } from "../wire/streamed-text.ts";
import { laterUsage } from "../wire/token-count.ts";
import { refuseFailed } from "../wire/told-error.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { partsOf, textOf, usualForm } from "./items.ts";
import { responsesReply, responsesTexts, responsesUsage } from "./reply.ts";
import type { StreamedPart } from "./streamed-items.ts";
import { StreamedItems } from "./streamed-items.ts";

/**
 * Waits for the response that ends a stream, and hands out the text on the way. What that response leaves out of the
 * items that came before it is put in again. Events that are not known here do no harm.
 * (https://platform.openai.com/docs/api-reference/responses-streaming)
 */
export class ResponsesAssembly implements Assembly {
  /** As it was told last. */
  #response: JsonObject = {};
  #usage: JsonValue | undefined;
  /** What was counted when the response began is not the count of its output. */
  #isCounted = false;
  #complete = false;
  readonly #items = new StreamedItems();
  readonly #streamed = new StreamedText();

  /** `response.completed` or `response.incomplete` has arrived. */
  get complete(): boolean {
    return this.#complete;
  }

  get whole(): boolean {
    return this.#complete;
  }

  get usage(): TokenUsage | undefined {
    return responsesUsage({ usage: this.#usage });
  }

  get unheard(): string {
    return this.#streamed.unheardOf(responsesTexts({ ...this.#response, output: this.#output }));
  }

  end(): void {
    this.#complete = this.#items.values.length > 0;
  }

  add(event: JsonObject): string | undefined {
    switch (event.type) {
      case "response.output_text.delta":
        return this.#extend(event, "output_text");
      case "response.refusal.delta":
        return this.#extend(event, "refusal");
      case "response.output_text.done":
        return this.#finish(event, "output_text", event.text);
      case "response.refusal.done":
        return this.#finish(event, "refusal", event.refusal);
      case "response.content_part.done":
        return isJsonObject(event.part) ? this.#finish(event, event.part.type, textOf(event.part)[0]) : undefined;
      case "response.function_call_arguments.delta":
      case "response.function_call_arguments.done":
        this.#items.addArguments(event);
        return undefined;
      case "response.output_item.added":
        this.#items.begin(event);
        return undefined;
      case "response.output_item.done":
        this.#items.finish(event);
        return undefined;
      case "response.failed":
      case "response.cancelled":
        if (isJsonObject(event.response)) this.#take(event.response);
        refuseFailed(event.type.slice("response.".length), this.#response.error, event.error);
        return undefined;
      case "response.completed":
      case "response.done":
        this.#close(event, "completed");
        return undefined;
      case "response.incomplete":
        this.#close(event, "incomplete");
        return undefined;
      default:
        if (isJsonObject(event.response)) this.#take(event.response);
        else if (event.object === "response" && event.output !== undefined) this.#takeWhole(event);
        return undefined;
    }
  }

  result(): Reply {
    const usage = this.#usage === undefined ? {} : { usage: this.#isCounted ? this.#usage : null };
    return this.#streamed.holdTo(responsesReply({ ...this.#response, ...usage, output: this.#output }));
  }

  get #output(): JsonValue | undefined {
    return completed(this.#response.output, this.#items.values);
  }

  #extend(event: JsonObject, type: StreamedPart["type"]): string | undefined {
    const { delta } = event;
    if (isJsonObject(delta)) throw new Unreadable("a piece of text is no text", event);
    if (typeof delta !== "string" || delta === "") return undefined;
    const part = this.#items.part(event, type);
    part.text += delta;
    return this.#streamed.handOut(delta, part);
  }

  /** What the whole of a part has beyond its pieces: some servers send none. */
  #finish(event: JsonObject, type: JsonValue | undefined, text: JsonValue | undefined): string | undefined {
    if (typeof text !== "string" || (type !== "output_text" && type !== "refusal")) return undefined;
    const part = this.#items.part(event, type);
    this.#items.endPart(event);
    return text.startsWith(part.text)
      ? this.#extend({ ...event, delta: text.slice(part.text.length) }, type)
      : undefined;
  }

  #take(response: JsonObject): void {
    this.#response = response;
    this.#usage = laterUsage(this.#usage, response.usage);
  }

  #takeLast(response: JsonObject): void {
    this.#take(response);
    const { usage } = response;
    this.#isCounted = isJsonObject(usage) && (usage.output_tokens ?? null) !== null;
  }

  /** A reply that is one event, as if it had not been asked for as a stream. */
  #takeWhole(response: JsonObject): void {
    this.#takeLast(response);
    this.#complete = stopMeaning(response.status) !== undefined;
  }

  /** A response that does not say how it stands is as its event says. */
  #close(event: JsonObject, status: "completed" | "incomplete"): void {
    if (isJsonObject(event.response)) this.#takeLast(event.response);
    else if (this.#items.values.length === 0) throw new Unreadable("an end without a response", event);
    const said = this.#response.status;
    const isOpen = typeof said !== "string" || said === "in_progress" || said === "queued";
    if (isOpen || status === "incomplete") this.#response = { ...this.#response, status };
    this.#complete = true;
  }
}

/** The output, with what it leaves out of the items that were streamed: calls, and messages where it has not their text. */
function completed(output: JsonValue | undefined, streamed: readonly JsonObject[]): JsonValue {
  if (output === undefined || output === null) return streamed;
  if (!Array.isArray(output)) return output;
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  let list = output as readonly JsonValue[];
  if (list.length === 0) return streamed;
  for (const [place, item] of streamed.entries()) {
    const told = list.filter(isJsonObject).map(usualForm);
    if (!isLeftOut(item, told)) continue;
    const same = list.findIndex((one) => isJsonObject(one) && isId(item.id) && one.id === item.id);
    list = same >= 0 ? list.with(same, item) : list.toSpliced(place, 0, item);
  }
  return list;
}

/** A message that says something else than was streamed is not left out: it is a contradiction. */
function isLeftOut(item: JsonObject, told: readonly JsonObject[]): boolean {
  if (item.type === "function_call") return !told.some((one) => isSameCall(one, item));
  const text = saidIn([item]);
  if (text === "" || saidIn(told).includes(text)) return false;
  const others = told.filter((one) => saidIn([one]) !== "");
  return others.every((one) => isId(one.id) && isId(item.id) && one.id !== item.id);
}

function isSameCall(one: JsonObject, other: JsonObject): boolean {
  if (one.type !== "function_call") return false;
  for (const key of ["call_id", "id"]) if (isId(one[key]) && isId(other[key])) return one[key] === other[key];
  return one.name === other.name;
}

function saidIn(items: readonly JsonObject[]): string {
  return items.flatMap(partsOf).flatMap(textOf).join("");
}
