import { openai } from "../../src/models/openai/openai.ts";
import type { ResponsesScript } from "../support/responses-server.ts";
import { responsesVoice } from "../support/responses-server.ts";
import type { WantedReply } from "./conformance.ts";
import type { WireKindOptions } from "./wire-kind.ts";
import { wireKind } from "./wire-kind.ts";

export const responsesWire = {
  has: { thinking: true, stopReasons: ["end", "tool_use", "max_tokens", "refusal"], wire: true },
  voice: responsesVoice,
  toScript: responsesScript,
  errorBody: (message) => ({ error: { message, type: "some_error", param: null, code: null } }),
  textIn: ({ type, delta }) => (type === "response.output_text.delta" ? delta : undefined),
} satisfies Partial<WireKindOptions<ResponsesScript>>;

export const responsesKind = wireKind({
  ...responsesWire,
  name: "openai",
  model: (url) => openai({ name: "gpt-test", apiKey: "test-key", baseURL: `${url}/v1` }),
});

const INCOMPLETE = { max_tokens: "max_output_tokens", refusal: "content_filter" } as const;

function responsesScript({ text, thinking, toolCalls = [], usage, stopReason }: WantedReply): ResponsesScript {
  return {
    output: [
      ...(thinking === undefined ? [] : [{ type: "reasoning", id: "rs_1", summary: [summary(thinking)] }]),
      ...(text === undefined ? [] : [message(text)]),
      ...toolCalls.map(({ id, name, args }) => ({
        type: "function_call",
        id: `fc_${id}`,
        call_id: id,
        name,
        arguments: JSON.stringify(args),
        status: "completed",
      })),
    ],
    ...((stopReason === "max_tokens" || stopReason === "refusal") && {
      status: "incomplete",
      incomplete_details: { reason: INCOMPLETE[stopReason] },
    }),
    ...(usage && {
      usage: {
        input_tokens: usage.inputTokens,
        input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
        output_tokens: usage.outputTokens,
        output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
        total_tokens: usage.inputTokens + usage.outputTokens,
      },
    }),
  };
}

function summary(text: string): object {
  return { type: "summary_text", text };
}

function message(text: string): Readonly<Record<string, unknown>> {
  const content = [{ type: "output_text", text, annotations: [] }];
  return { type: "message", id: "msg_1", role: "assistant", status: "completed", content };
}
