import type { Anthropic } from "@anthropic-ai/sdk";
import type { OpenAI } from "openai";

type Args = { a: number; b: number };

/** A loop over a vendor's SDK, as anybody writes it by hand: streams, calls the tool, sends the result. Returns the last text. */
type Loop = (baseURL: string, steps: number) => Promise<string>;

const parse = (json: string) => JSON.parse(json) as Args;
const add = ({ a, b }: Args): string => String(a + b);
const schema = { type: "object" as const, properties: { a: { type: "number" }, b: { type: "number" } } };
const settings = (baseURL: string, steps: number) => ({
  apiKey: "key",
  baseURL,
  maxRetries: 0,
  defaultHeaders: { "x-steps": String(steps) },
});

const anthropicLoop: Loop = async (baseURL, steps) => {
  const sdk = await import("@anthropic-ai/sdk");
  const client = new sdk.Anthropic(settings(baseURL, steps));
  const messages: Anthropic.MessageParam[] = [{ role: "user", content: "go" }];
  const tools = [{ name: "add", description: "Adds.", input_schema: schema }];
  for (;;) {
    let text = "";
    let call: { id: string; name: string; json: string } | undefined;
    const stream = await client.messages.create({ model: "m", max_tokens: 100, stream: true, messages, tools });
    for await (const event of stream) {
      if (event.type === "content_block_start" && event.content_block.type === "tool_use") {
        call = { id: event.content_block.id, name: event.content_block.name, json: "" };
      } else if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
        text += event.delta.text;
      } else if (event.type === "content_block_delta" && event.delta.type === "input_json_delta" && call) {
        call.json += event.delta.partial_json;
      }
    }
    if (call === undefined) return text;
    const input = parse(call.json);
    messages.push(
      {
        role: "assistant",
        content: [
          { type: "text", text },
          { type: "tool_use", id: call.id, name: call.name, input },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: add(input) }] },
    );
  }
};

const chatLoop: Loop = async (baseURL, steps) => {
  const sdk = await import("openai");
  const client = new sdk.OpenAI(settings(baseURL, steps));
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "go" }];
  const tools = [{ type: "function" as const, function: { name: "add", description: "Adds.", parameters: schema } }];
  for (;;) {
    let text = "";
    let call: { id: string; name: string; json: string } | undefined;
    const usage = { include_usage: true };
    const stream = await client.chat.completions.create({
      model: "m",
      stream: true,
      stream_options: usage,
      messages,
      tools,
    });
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta;
      text += delta?.content ?? "";
      for (const piece of delta?.tool_calls ?? []) {
        call ??= { id: piece.id ?? "", name: piece.function?.name ?? "", json: "" };
        call.json += piece.function?.arguments ?? "";
      }
    }
    if (call === undefined) return text;
    const { id, name, json } = call;
    messages.push(
      { role: "assistant", content: text, tool_calls: [{ id, type: "function", function: { name, arguments: json } }] },
      { role: "tool", tool_call_id: id, content: add(parse(json)) },
    );
  }
};

const responsesLoop: Loop = async (baseURL, steps) => {
  const sdk = await import("openai");
  const client = new sdk.OpenAI(settings(baseURL, steps));
  const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: "go" }];
  const tools = [{ type: "function" as const, name: "add", description: "Adds.", parameters: schema, strict: false }];
  for (;;) {
    let text = "";
    let call: OpenAI.Responses.ResponseFunctionToolCall | undefined;
    const stream = await client.responses.create({ model: "m", stream: true, input, tools });
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") text += event.delta;
      if (event.type !== "response.completed") continue;
      for (const item of event.response.output) {
        if (item.type === "function_call") call = item;
        if (item.type === "function_call" || item.type === "message") input.push(item);
      }
    }
    if (call === undefined) return text;
    input.push({ type: "function_call_output", call_id: call.call_id, output: add(parse(call.arguments)) });
  }
};

export const LOOPS = { messages: anthropicLoop, chat: chatLoop, responses: responsesLoop } as const;
