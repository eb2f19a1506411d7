import type { JsonObject } from "../../src/json.ts";
import { isJsonObject } from "../../src/json.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import { isText, objectsOf } from "./json-lists.ts";
import type { StreamFormat, StreamPiece } from "./stream-format.ts";
import { CALLS, TEXT } from "./stream-format.ts";

const [first, second] = CALLS;
const USAGE = {
  prompt_tokens: 25,
  completion_tokens: 60,
  total_tokens: 85,
  prompt_tokens_details: { cached_tokens: 5 },
};

/** Chat Completions. (https://platform.openai.com/docs/api-reference/chat/streaming) */
export const chatStream: StreamFormat = {
  name: "openai_compatible",
  stream: [
    choice({ role: "assistant", content: "" }),
    choice({ reasoning_content: "Two." }),
    choice({ content: TEXT.slice(0, 15) }, TEXT.slice(0, 15)),
    choice({ content: TEXT.slice(15) }, TEXT.slice(15)),
    ...call(0, first),
    ...call(1, second),
    choice({}, undefined, "tool_calls"),
    chunk({ choices: [], usage: USAGE }),
    { raw: "data: [DONE]\n\n" },
  ],
  wholeAfter: 11,
  errorEvent: 'data: {"error":{"message":"Overloaded","type":"server_error","code":null}}\n\n',
  done: whole({ role: "assistant", content: "done" }, "stop"),
  reply: whole(
    {
      role: "assistant",
      content: TEXT,
      reasoning_content: "Two.",
      tool_calls: CALLS.map(({ id, name, args }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      })),
    },
    "tool_calls",
  ),
  model: ({ baseURL, headers, idleTimeoutMs }) =>
    openaiCompatible({ name: "test-model", apiKey: "key", baseURL, headers, idleTimeoutMs }),
  objections: chatObjections,
};

function chunk(more: JsonObject): StreamPiece {
  return { raw: `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", ...more })}\n\n` };
}

function choice(delta: JsonObject, text?: string, finishReason: string | null = null): StreamPiece {
  const { raw } = chunk({ choices: [{ index: 0, delta, finish_reason: finishReason }] });
  return text === undefined ? { raw } : { raw, text };
}

function call(index: number, { id, name, args }: (typeof CALLS)[number]): StreamPiece[] {
  const json = JSON.stringify(args);
  return [
    choice({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
    ...[json.slice(0, 9), json.slice(9)].map((piece) =>
      choice({ tool_calls: [{ index, function: { arguments: piece } }] }),
    ),
  ];
}

function whole(message: JsonObject, finishReason: string): JsonObject {
  return {
    id: "c1",
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: finishReason }],
    usage: USAGE,
  };
}

/** The rules of the API for a list of messages. (https://platform.openai.com/docs/api-reference/chat/create) */
function chatObjections(body: JsonObject): readonly string[] {
  const messages = objectsOf(body.messages);
  const objections: string[] = [];
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const { role, content, tool_calls: calls } = message;
    if (role === "tool") {
      if (!open.includes(String(message.tool_call_id))) objections.push(`message ${index} answers no open call`);
      if (typeof content !== "string") objections.push(`message ${index} has no text`);
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    if (open.length > 0) objections.push(`message ${index} comes before the answer to ${open.join()}`);
    open = objectsOf(calls).map(({ id }) => String(id));
    if (new Set(open).size < open.length) objections.push(`message ${index} has two calls of one id`);
    if (!objectsOf(calls).every(isCall)) objections.push(`message ${index} has a call of the wrong shape`);
    const isEmpty = content === null || content === undefined || content === "" || objectsOf(content).length === 0;
    const hasContent = isText(content) || !isEmpty || (typeof message.refusal === "string" && role === "assistant");
    if (!hasContent && open.length === 0) objections.push(`message ${index} is empty`);
    if (!["system", "developer", "user", "assistant"].includes(String(role)))
      objections.push(`message ${index} is of ${String(role)}`);
  }
  if (open.length > 0) objections.push(`${open.join()} is not answered`);
  if (!["user", "tool"].includes(String(messages.at(-1)?.role))) objections.push("the last message is the model's");
  return objections;
}

function isCall({ id, type, function: called }: JsonObject): boolean {
  if (!isText(id) || type !== "function" || !isJsonObject(called)) return false;
  return isText(called.name) && typeof called.arguments === "string";
}
