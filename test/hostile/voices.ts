import type { Model } from "llmproc";
import { anthropic, openai, openaiCompatible } from "llmproc";
import { anthropicVoice } from "../support/anthropic-server.ts";
import { chatBodyProblems, messagesBodyProblems, responsesBodyProblems } from "../support/body-rules.ts";
import { chatVoice } from "../support/chat-server.ts";
import { responsesVoice } from "../support/responses-server.ts";
import type { Bill } from "./visit.ts";

export interface Said {
  readonly text?: string;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly json: string }[];
  /** As the vendor's own object of usage; null for none. */
  readonly usage: Readonly<Record<string, unknown>> | null;
  readonly stop?: string;
}

/** One wire format, as a vendor speaks it. */
export interface Voice {
  readonly name: string;
  /** The answer that is not streamed. */
  whole(said: Said): Readonly<Record<string, unknown>>;
  /** The same as the bytes of a stream. */
  stream(said: Said): string;
  usage(bill: Bill): Readonly<Record<string, unknown>>;
  /** One event with a piece of text, as it stands in the midst of a stream. */
  piece(text: string): string;
  model(url: string, apiKey: string, idleTimeoutMs: number): Model;
  readonly maxTokens: string;
  problems(body: Readonly<Record<string, unknown>>): string[];
}

const messages: Voice = {
  name: "messages",
  whole: (said) => anthropicVoice.whole(message(said)) as Readonly<Record<string, unknown>>,
  stream: (said) => anthropicVoice.encode(anthropicVoice.events(message(said), 9)),
  usage: ({ inputTokens, outputTokens }) => ({ input_tokens: inputTokens, output_tokens: outputTokens }),
  piece: (text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  model: (baseURL, apiKey, idleTimeoutMs) => anthropic({ name: "claude-test", baseURL, apiKey, idleTimeoutMs }),
  maxTokens: "max_tokens",
  problems: messagesBodyProblems,
};

function message({ text, calls = [], usage, stop }: Said) {
  const blocks = calls.map(({ id, name, json }) => ({ type: "tool_use", id, name, input: readable(json) }));
  const content = [...(text === undefined ? [] : [{ type: "text", text }]), ...blocks];
  return { content, usage, ...(stop !== undefined && { stop_reason: stop }) };
}

const chat: Voice = {
  name: "chat",
  whole: (said) => chatVoice.whole(chatMessage(said)) as Readonly<Record<string, unknown>>,
  stream: (said) => chatVoice.encode(chatVoice.events(chatMessage(said), 9)),
  usage: ({ inputTokens, outputTokens }) => ({
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }),
  piece: (text) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`,
  model: (url, apiKey, idleTimeoutMs) =>
    openaiCompatible({ name: "test-model", baseURL: `${url}/v1`, apiKey, idleTimeoutMs }),
  maxTokens: "max_tokens",
  problems: chatBodyProblems,
};

function chatMessage({ text, calls = [], usage, stop }: Said) {
  const list = calls.map(({ id, name, json }) => ({ id, type: "function", function: { name, arguments: json } }));
  return {
    message: { ...(text !== undefined && { content: text }), ...(list.length > 0 && { tool_calls: list }) },
    usage,
    ...(stop !== undefined && { finish_reason: stop }),
  };
}

const responses: Voice = {
  name: "responses",
  whole: (said) => responsesVoice.whole(response(said)) as Readonly<Record<string, unknown>>,
  stream: (said) => responsesVoice.encode(responsesVoice.events(response(said), 9)),
  usage: ({ inputTokens, outputTokens }) => ({
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  }),
  piece: (text) => event({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: text }),
  model: (url, apiKey, idleTimeoutMs) => openai({ name: "gpt-test", baseURL: `${url}/v1`, apiKey, idleTimeoutMs }),
  maxTokens: "max_output_tokens",
  problems: responsesBodyProblems,
};

function response({ text, calls = [], usage, stop }: Said) {
  const parts = [{ type: "output_text", text, annotations: [] }];
  const items = calls.map(({ id, name, json }) => {
    return { type: "function_call", id: `fc_${id}`, call_id: id, name, arguments: json, status: "completed" };
  });
  const said = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: parts };
  return {
    output: [...(text === undefined ? [] : [said]), ...items],
    usage,
    ...(stop !== undefined && { status: "incomplete", incomplete_details: { reason: stop } }),
  };
}

export const VOICES: readonly Voice[] = [messages, chat, responses];

function event(data: Readonly<Record<string, unknown>>): string {
  return `event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`;
}

function readable(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
