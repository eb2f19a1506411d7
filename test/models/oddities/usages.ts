import { DONE } from "../../support/chat-server.ts";
import type { Oddity } from "../servers-really.ts";
import {
  CHAT_USAGE,
  chatWhole,
  chunk,
  completed,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
  messageWhole,
  response,
  said,
  textBlock,
  textDelta,
} from "./events.ts";

const TEXT = chunk({ content: "One two" });
const LAST = chunk({}, "stop");
const BEGUN = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
const BEGUN_RESPONSE = { input_tokens: 10, output_tokens: 1, total_tokens: 11 };
const TOTAL_ABOVE = { input_tokens: 10, output_tokens: 5, total_tokens: 95 };
const answer = { answer: "One two" } as const;
const block = [{ type: "text", text: "One two" }];

export const usages: readonly Oddity[] = [
  {
    name: "They tell the usage more than once: as it grows, or with zeros for what they told before",
    becomes: "the last count that is one",
    // envoyproxy/ai-gateway#1631, ogx-ai/ogx#5122 (Gemini), router-for-me/CLIProxyAPI#5419, cline/cline#4346
    replies: [
      {
        format: "chat",
        stream: [
          { ...TEXT, usage: { prompt_tokens: 5000, completion_tokens: 1, total_tokens: 5001 } },
          { ...LAST, usage: { prompt_tokens: 0, completion_tokens: 7, total_tokens: 7 } },
          { id: "c", choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } },
          DONE,
        ],
        outcome: { ...answer, usage: [5000, 7] },
      },
      {
        format: "chat",
        stream: [
          { ...TEXT, usage: { ...CHAT_USAGE, completion_tokens: 2 } },
          { ...LAST, usage: CHAT_USAGE },
          { id: "c", choices: [], usage: null },
        ],
        outcome: { ...answer, usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [
          messageStart({ usage: { input_tokens: 5000, output_tokens: 1, cache_read_input_tokens: 700 } }),
          ...textBlock(0, "One two"),
          messageDelta("end_turn", { input_tokens: 0, output_tokens: 7, cache_read_input_tokens: 0 }),
          MESSAGE_STOP,
        ],
        outcome: { ...answer, usage: [5700, 7] },
      },
      {
        format: "messages",
        stream: [
          messageStart({ usage: { input_tokens: 5000, output_tokens: 1, cache_read_input_tokens: 0 } }),
          ...textBlock(0, "One two"),
          messageDelta(null, { output_tokens: 3 }),
          messageDelta("end_turn", { input_tokens: 0, output_tokens: 7, cache_read_input_tokens: 5000 }),
          MESSAGE_STOP,
        ],
        outcome: { ...answer, usage: [5000, 7] },
      },
      {
        format: "messages",
        stream: [
          messageStart({ usage: { input_tokens: 0, output_tokens: 0 } }),
          ...textBlock(0, "One two"),
          messageDelta("end_turn", { input_tokens: 5000, output_tokens: 7 }),
          MESSAGE_STOP,
        ],
        outcome: { ...answer, usage: [5000, 7] },
      },
      {
        format: "responses",
        stream: [
          { type: "response.in_progress", response: response([], { status: "in_progress" }) },
          textDelta("One two"),
          completed([said("One two")], { usage: { input_tokens: 0, output_tokens: 7 } }),
        ],
        outcome: { ...answer, usage: [10, 7] },
      },
    ],
  },
  {
    name: "They tell the usage in another place",
    becomes: "the count",
    // earendil-works/pi#2017 (Moonshot), langchain-ai/langchainjs#4877
    replies: [
      {
        format: "chat",
        stream: [TEXT, chunk({}, "stop", { usage: CHAT_USAGE }), DONE],
        outcome: { ...answer, usage: [10, 5] },
      },
      {
        format: "chat",
        whole: { choices: [{ message: { content: "One two" }, finish_reason: "stop", usage: CHAT_USAGE }] },
        outcome: { ...answer, usage: [10, 5] },
      },
      {
        format: "chat",
        stream: [TEXT, { ...LAST, x_groq: { id: "req_1", usage: CHAT_USAGE } }, DONE],
        outcome: { ...answer, usage: [10, 5] },
      },
      {
        format: "chat",
        stream: [{ id: "c", choices: [], usage: CHAT_USAGE }, TEXT, LAST, DONE],
        outcome: { ...answer, usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [
          messageStart(),
          ...textBlock(0, "One two"),
          { type: "message_delta", delta: { stop_reason: "end_turn", usage: { output_tokens: 7 } } },
          MESSAGE_STOP,
        ],
        outcome: { ...answer, usage: [10, 7] },
      },
    ],
  },
  {
    name: "They tell no usage, only a part of it, or one that is no count",
    becomes: "flagged `no_usage`",
    // neuron-core/neuron-ai#223
    replies: [
      ...[
        undefined,
        null,
        {},
        { prompt_tokens: "10", completion_tokens: "5" },
        { prompt_tokens: 10.5, completion_tokens: 5 },
        { prompt_tokens: 10 },
      ].map((usage) => ({
        format: "chat" as const,
        stream: [TEXT, { ...LAST, usage }, DONE],
        whole: { ...chatWhole({ content: "One two" }), usage },
        outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
      })),
      ...[undefined, null, {}, { output_tokens: null }].map((usage) => ({
        format: "messages" as const,
        stream: [
          messageStart(),
          ...textBlock(0, "One two"),
          { type: "message_delta", delta: { stop_reason: "end_turn" }, usage },
          MESSAGE_STOP,
        ],
        outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
      })),
      ...[undefined, { input_tokens: "10", output_tokens: "5" }].flatMap((usage) => [
        {
          format: "messages" as const,
          whole: messageWhole(block, "end_turn", { usage }),
          outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
        },
        {
          format: "responses" as const,
          stream: [textDelta("One two"), completed([said("One two")], { usage })],
          whole: response([said("One two")], { usage }),
          outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
        },
      ]),
    ],
  },
  {
    name: "They tell a usage of the beginning of a reply, and none at its end",
    becomes: "flagged `no_usage`",
    replies: [
      ...[
        [{ ...chunk({ role: "assistant" }), usage: BEGUN }, TEXT, LAST, DONE],
        [{ ...chunk({ role: "assistant" }), usage: BEGUN }, TEXT, { ...LAST, usage: null }, DONE],
        [chunk({ role: "assistant" }, null, { usage: BEGUN }), TEXT, LAST, DONE],
        [{ ...chunk({ content: "One " }), usage: { ...BEGUN, completion_tokens: 4 } }, chunk({ content: "two" }), LAST],
      ].map((stream) => ({
        format: "chat" as const,
        stream,
        outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
      })),
      ...[undefined, null, { input_tokens: 10 }].map((usage) => ({
        format: "responses" as const,
        stream: [
          { type: "response.created", response: response([], { status: "in_progress", usage: BEGUN_RESPONSE }) },
          textDelta("One two"),
          completed([said("One two")], { usage }),
        ],
        outcome: { ...answer, usage: [0, 0] as const, flag: "no_usage" },
      })),
    ],
  },
  {
    name: "They tell a usage that cannot be: no input, or no output of a reply that says something",
    becomes: "flagged `wrong_usage`",
    // sawfwair/mere-run#134
    replies: [
      [0, 5],
      [10, 0],
    ].flatMap(([input = 0, output = 0]) => [
      {
        format: "chat" as const,
        stream: [TEXT, { ...LAST, usage: { prompt_tokens: input, completion_tokens: output } }, DONE],
        whole: { ...chatWhole({ content: "One two" }), usage: { prompt_tokens: input, completion_tokens: output } },
        outcome: { ...answer, usage: [input, output] as const, flag: "wrong_usage" },
      },
      {
        format: "messages" as const,
        stream: [
          messageStart({ usage: { input_tokens: input, output_tokens: 1 } }),
          ...textBlock(0, "One two"),
          messageDelta("end_turn", { output_tokens: output }),
          MESSAGE_STOP,
        ],
        whole: messageWhole(block, "end_turn", { usage: { input_tokens: input, output_tokens: output } }),
        outcome: { ...answer, usage: [input, output] as const, flag: "wrong_usage" },
      },
      {
        format: "responses" as const,
        stream: [
          textDelta("One two"),
          completed([said("One two")], { usage: { input_tokens: input, output_tokens: output } }),
        ],
        whole: response([said("One two")], { usage: { input_tokens: input, output_tokens: output } }),
        outcome: { ...answer, usage: [input, output] as const, flag: "wrong_usage" },
      },
    ]),
  },
  {
    name: "They tell a total that is more than input and output",
    becomes: "the total: what is beyond the input is output",
    replies: [
      {
        format: "chat",
        stream: [TEXT, { ...LAST, usage: { ...CHAT_USAGE, total_tokens: 95 } }, DONE],
        whole: { ...chatWhole({ content: "One two" }), usage: { ...CHAT_USAGE, total_tokens: 95 } },
        outcome: { ...answer, usage: [10, 85] },
      },
      {
        format: "responses",
        stream: [textDelta("One two"), completed([said("One two")], { usage: TOTAL_ABOVE })],
        whole: response([said("One two")], { usage: TOTAL_ABOVE }),
        outcome: { ...answer, usage: [10, 85] },
      },
      ...[0, 14, -1, "95", null].map((total_tokens) => ({
        format: "responses" as const,
        whole: response([said("One two")], { usage: { ...TOTAL_ABOVE, total_tokens } }),
        outcome: { ...answer, usage: [10, 5] as const },
      })),
    ],
  },
  {
    name: "They list beside the totals what these leave out",
    becomes: "the sum",
    // pydantic/pydantic-ai#5065, maximhq/bifrost#6500
    replies: [
      {
        format: "messages",
        stream: [
          messageStart({ usage: { input_tokens: 23_000, output_tokens: 1 } }),
          ...textBlock(0, "One two"),
          messageDelta("end_turn", {
            output_tokens: 1000,
            iterations: [
              { type: "compaction", input_tokens: 180_000, output_tokens: 3500 },
              { type: "message", input_tokens: 23_000, output_tokens: 1000 },
            ],
          }),
          MESSAGE_STOP,
        ],
        whole: messageWhole(block, "end_turn", {
          usage: {
            input_tokens: 23_000,
            output_tokens: 1000,
            iterations: [
              { type: "compaction", input_tokens: 100_000, cache_read_input_tokens: 80_000, output_tokens: 3500 },
              { type: "message", input_tokens: 23_000, output_tokens: 1000 },
            ],
          },
        }),
        outcome: { ...answer, usage: [203_000, 4500] },
      },
    ],
  },
];
