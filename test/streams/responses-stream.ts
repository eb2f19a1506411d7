import type { JsonObject } from "../../src/json.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { isText, objectsOf } from "./json-lists.ts";
import type { StreamFormat, StreamPiece } from "./stream-format.ts";
import { CALLS, TEXT } from "./stream-format.ts";

const USAGE = {
  input_tokens: 25,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 60,
  output_tokens_details: { reasoning_tokens: 9 },
  total_tokens: 85,
};
const REASONING = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Two." }] };
const MESSAGE = { type: "message", id: "msg_1", role: "assistant" };
const SAID = { ...MESSAGE, status: "completed", content: [{ type: "output_text", text: TEXT, annotations: [] }] };
const ASKED = CALLS.map(({ id, name, args }) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name,
  arguments: JSON.stringify(args),
  status: "completed",
}));

let sequence = 0;

/** The Responses API. (https://platform.openai.com/docs/api-reference/responses-streaming) */
export const responsesStream: StreamFormat = {
  name: "openai",
  stream: [
    piece("created", { response: { id: "r1", object: "response", status: "in_progress", output: [] } }),
    piece("output_item.added", { output_index: 0, item: { ...REASONING, summary: [] } }),
    piece("output_item.done", { output_index: 0, item: REASONING }),
    piece("output_item.added", { output_index: 1, item: { ...MESSAGE, status: "in_progress", content: [] } }),
    piece("content_part.added", { output_index: 1, content_index: 0, part: { type: "output_text", text: "" } }),
    said(TEXT.slice(0, 15)),
    said(TEXT.slice(15)),
    piece("output_text.done", { item_id: "msg_1", output_index: 1, content_index: 0, text: TEXT }),
    piece("output_item.done", { output_index: 1, item: SAID }),
    ...ASKED.flatMap((item, place) => asked(place + 2, item)),
    piece("completed", { response: whole([REASONING, SAID, ...ASKED]) }),
  ],
  wholeAfter: 18,
  errorEvent: 'event: error\ndata: {"type":"error","code":"server_error","message":"Overloaded","param":null}\n\n',
  done: whole([{ ...MESSAGE, status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] }]),
  reply: whole([REASONING, SAID, ...ASKED]),
  model: ({ baseURL, headers, idleTimeoutMs }) =>
    openai({ name: "gpt-test", apiKey: "key", baseURL, headers, idleTimeoutMs }),
  objections: responsesObjections,
};

function piece(type: string, more: JsonObject, text?: string): StreamPiece {
  const event = { type: `response.${type}`, sequence_number: sequence++, ...more };
  const raw = `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  return text === undefined ? { raw } : { raw, text };
}

function said(delta: string): StreamPiece {
  return piece("output_text.delta", { item_id: "msg_1", output_index: 1, content_index: 0, delta }, delta);
}

function asked(index: number, item: (typeof ASKED)[number]): StreamPiece[] {
  const { arguments: json, id } = item;
  const start = { ...item, arguments: "", status: "in_progress" };
  return [
    piece("output_item.added", { output_index: index, item: start }),
    ...[json.slice(0, 9), json.slice(9)].map((delta) =>
      piece("function_call_arguments.delta", { item_id: id, output_index: index, delta }),
    ),
    piece("output_item.done", { output_index: index, item }),
  ];
}

function whole(output: readonly JsonObject[]): JsonObject {
  return { id: "r1", object: "response", status: "completed", model: "gpt-test", output, usage: USAGE };
}

/** The rules of the API for a list of items. (https://platform.openai.com/docs/api-reference/responses/create) */
function responsesObjections(body: JsonObject): readonly string[] {
  const items = objectsOf(body.input);
  const objections: string[] = [];
  const open = new Set<string>();
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const { type = "message", call_id: callId } = item;
    if (type === "function_call") {
      if (!isText(callId) || !isText(item.name) || typeof item.arguments !== "string")
        objections.push(`item ${index} is a call of the wrong shape`);
      if (seen.has(String(callId))) objections.push(`item ${index} is a second call of one id`);
      seen.add(String(callId));
      open.add(String(callId));
    } else if (type === "function_call_output") {
      if (!open.delete(String(callId))) objections.push(`item ${index} answers no open call`);
      if (typeof item.output !== "string") objections.push(`item ${index} has no output`);
    } else if (type === "message") {
      if (item.role === "user" && open.size > 0) objections.push(`item ${index} comes before ${[...open].join()}`);
      objections.push(...messageObjections(item).map((objection) => `item ${index} ${objection}`));
    } else if (type === "reasoning") {
      const next = items[index + 1];
      const follows = next !== undefined && next.role !== "user" && next.type !== "function_call_output";
      if (!follows) objections.push(`item ${index} is reasoning without the item that it was for`);
    }
  }
  if (open.size > 0) objections.push(`${[...open].join()} is not answered`);
  const last = items.at(-1);
  if (last?.role !== "user" && last?.type !== "function_call_output") objections.push("the last item is the model's");
  return objections;
}

function messageObjections({ role, content }: JsonObject): string[] {
  if (isText(content)) return [];
  const parts = objectsOf(content);
  if (!["user", "assistant", "system", "developer"].includes(String(role))) return [`is of ${String(role)}`];
  if (parts.length === 0) return ["is empty"];
  return parts.every(isPart) ? [] : ["has a part of the wrong shape"];
}

function isPart({ type, text, refusal }: JsonObject): boolean {
  if (type === "output_text" || type === "input_text") return typeof text === "string";
  if (type === "refusal") return typeof refusal === "string";
  return isText(type);
}
