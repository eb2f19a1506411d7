import type { JsonObject, JsonValue } from "../../json.ts";
import { deepFreeze, isJsonObject } from "../../json.ts";
import type { Reply, ToolCall } from "../../process/contract/model.ts";
import { callIds } from "../wire/call-ids.ts";
import { offListFacts } from "../wire/off-list.ts";
import { isCutShort, stopOf } from "../wire/stop-reason.ts";
import { refuseFailed, refuseLost } from "../wire/told-error.ts";
import { givenArguments } from "../wire/tool-arguments.ts";
import { Unreadable } from "../wire/wire-format.ts";
import { anthropicUsage, otherRate, searchFee } from "./usage.ts";

/**
 * The reply in a whole message, however it arrived. Blocks that are not known here are kept as they are. `usage` is what
 * was told of it, where that is less than the message has.
 * @throws Unreadable if it is not a message; BrokenOff if it says that it failed
 */
export function anthropicReply(message: JsonObject, { usage }: { readonly usage: JsonValue | undefined }): Reply {
  refuseFailed(message.stop_reason, message.error);
  const blocks = contentOf(message);
  const stop = stopOf(message.stop_reason, { hasCalls: blocks.some(isCall) });
  const isEmpty = blocks.every(({ type, text }) => type === "text" && text === "");
  refuseLost(message.stop_reason, { answer: message, hasCalls: blocks.some(isCall), isEmpty });
  const calls = callsOf(blocks, message, isCutShort(stop));
  const content = blocks.map((block) => calls.get(block)?.sent ?? block);
  const response = deepFreeze({ ...message, content });
  return Object.freeze({
    response,
    content: response.content,
    texts: Object.freeze(blocks.flatMap(textOf)),
    toolCalls: deepFreeze([...calls.values()].map(({ call }) => call)),
    usage: anthropicUsage(usage),
    ...offListFacts(otherRate(message), searchFee(message.usage)),
    ...stop,
  });
}

/** What is said in an answer, whatever else is wrong with it. */
export function anthropicTexts({ content }: JsonObject): readonly string[] {
  if (typeof content === "string") return [content];
  return Array.isArray(content) ? content.filter(isJsonObject).flatMap(textOf) : [];
}

function contentOf(message: JsonObject): readonly JsonObject[] {
  const { content } = message;
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw new Unreadable("it has no list of content", message);
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  const blocks = content as readonly JsonValue[];
  return blocks.map((block) => {
    if (!isJsonObject(block)) throw new Unreadable("a content block is not an object", message);
    if (!fits(block)) throw new Unreadable("a content block has the wrong shape", block);
    return block;
  });
}

/** What the API would not take back must not enter a conversation: it could never go on. Unknown blocks may be anything. */
function fits({ type, ...block }: JsonObject): boolean {
  if (type === "text") return typeof block.text === "string";
  if (type === "thinking") return typeof block.thinking === "string" && typeof (block.signature ?? "") === "string";
  return typeof type === "string" && type !== "";
}

function textOf(block: JsonObject): readonly string[] {
  return block.type === "text" && typeof block.text === "string" && block.text !== "" ? [block.text] : [];
}

function isCall({ type }: JsonObject): boolean {
  return type === "tool_use";
}

interface GivenCall {
  readonly call: ToolCall;
  /** The block as it goes back: the API takes only objects as `input`, and only ids that differ. */
  readonly sent: JsonObject;
}

function callsOf(
  blocks: readonly JsonObject[],
  message: JsonObject,
  isCut: boolean,
): ReadonlyMap<JsonObject, GivenCall> {
  const asked = blocks.filter(isCall);
  const ids = callIds(
    asked.map(({ id }) => id),
    message.id,
  );
  const calls = new Map<JsonObject, GivenCall>();
  for (const [place, block] of asked.entries()) {
    const { name, input } = block;
    const id = ids[place] ?? "";
    if (typeof name !== "string" || name === "") throw new Unreadable("a tool call has no name", message);
    // An empty object at the end of what was cut off is what the API fills in where nothing had come yet.
    const isBare = isCut && block === blocks.at(-1) && isJsonObject(input) && Object.keys(input).length === 0;
    const { json: _json, ...given } = givenArguments(isBare ? undefined : input, { isCut });
    calls.set(block, { call: { id, name, ...given }, sent: { ...block, id, input: given.args } });
  }
  return calls;
}
