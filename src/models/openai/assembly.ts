import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/model.ts";
import type { Assembly } from "../wire/wire-format.ts";
import { BrokenOff, Unreadable } from "../wire/wire-format.ts";
import { responsesReply, responsesUsage } from "./reply.ts";

/**
 * Waits for the response that ends a stream, and hands out the text on the way. Events that are not known here do no
 * harm. (https://platform.openai.com/docs/api-reference/responses-streaming)
 */
export class ResponsesAssembly implements Assembly {
  #response: JsonObject | undefined;
  /** The items that are done, by their place. */
  readonly #items = new Map<number, JsonObject>();

  /** `response.completed` or `response.incomplete` has arrived. */
  get complete(): boolean {
    return this.#response !== undefined;
  }

  get whole(): boolean {
    return this.complete;
  }

  get usage(): TokenUsage | undefined {
    return this.#response && responsesUsage(this.#response);
  }

  add(event: JsonObject): string | undefined {
    switch (event.type) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return typeof event.delta === "string" && event.delta !== "" ? event.delta : undefined;
      case "response.output_item.done":
        this.#keep(event);
        return undefined;
      case "response.failed":
        throw new BrokenOff(event.response);
      case "response.completed":
      case "response.incomplete":
        if (!isJsonObject(event.response)) throw new Unreadable("an end without a response", event);
        this.#response = event.response;
        return undefined;
      default:
        return undefined;
    }
  }

  /** Some servers leave the items out of the response that ends a stream. */
  result(): Reply {
    const { output, ...response } = this.#response ?? {};
    const isLeftOut = output === undefined || output === null || (Array.isArray(output) && output.length === 0);
    return responsesReply({ ...response, output: isLeftOut ? this.#inOrder() : output });
  }

  #inOrder(): readonly JsonObject[] {
    return [...this.#items].sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  #keep(event: JsonObject): void {
    const { output_index: place, item } = event;
    if (typeof place !== "number" || !isJsonObject(item)) throw new Unreadable("a wrong output item", event);
    this.#items.set(place, item);
  }
}
