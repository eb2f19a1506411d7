import { DONE } from "../../support/chat-server.ts";
import type { WireEvent } from "../../support/wire-server.ts";
import type { Oddity } from "../servers-really.ts";
import { CHAT_USAGE, callPiece, chat, chatWhole, chunk } from "./events.ts";

/** A chunk whose choice has this index. */
function at(index: unknown, delta: Readonly<Record<string, unknown>>, finish: unknown = null): WireEvent {
  return chunk(delta, finish, { index });
}

function withMessage(message: Readonly<Record<string, unknown>>, finish: unknown = null): WireEvent {
  return { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, message, finish_reason: finish }] };
}

const FILTER = { id: "", object: "", created: 0, model: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] };

export const choices: readonly Oddity[] = [
  {
    name: "They count the index of the only choice up with each chunk",
    becomes: "an answer",
    // microsoft/foundry-local#263, huggingface/text-generation-inference#1648
    replies: [0, 1].flatMap((first) => [
      {
        format: "chat" as const,
        stream: chat(
          at(first, { content: "One " }),
          at(first + 1, { content: "two " }),
          at(first + 2, { content: "three." }, "stop"),
        ),
        outcome: { answer: "One two three." },
      },
      {
        format: "chat" as const,
        stream: [at(first, { content: "One " }), at(first + 1, { content: "two" }), at(first + 2, {}, "stop")],
        outcome: { answer: "One two" },
      },
      {
        format: "chat" as const,
        stream: chat(
          at(first, { tool_calls: [{ index: 0, id: "a", function: { name: "note", arguments: '{"n"' } }] }),
          at(first + 1, { tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }),
          at(first + 2, {}, "tool_calls"),
        ),
        outcome: { ran: [{ n: 1 }] },
      },
    ]),
  },
  {
    name: "They leave out the index of a choice, give it as a text, or count from 1",
    becomes: "an answer",
    replies: [undefined, null, "0", 1, 7].flatMap((index) => [
      {
        format: "chat" as const,
        stream: chat(at(index, { content: "One " }), at(index, { content: "two" }), at(index, {}, "stop")),
        outcome: { answer: "One two" },
      },
      {
        format: "chat" as const,
        whole: chatWhole({ content: "One two" }, "stop", { index }),
        outcome: { answer: "One two" },
      },
    ]),
  },
  {
    name: "They give several choices, in any order, in one chunk or in many",
    becomes: "an answer: the first",
    // BerriAI/litellm#3276, openai/openai-python#3709, openai/openai-agents-python#3313
    replies: [
      {
        format: "chat",
        stream: chat(
          at(1, { role: "assistant" }),
          at(0, { role: "assistant" }),
          at(1, { content: "Uno " }),
          at(0, { content: "One " }),
          at(0, { content: "two" }),
          at(1, {}, "stop"),
          at(0, {}, "stop"),
        ),
        outcome: { answer: "One two" },
      },
      {
        format: "chat",
        stream: chat({
          choices: [
            { index: 0, delta: { content: "One two" }, finish_reason: "stop" },
            { index: 1, delta: { content: "Uno" }, finish_reason: "length" },
          ],
        }),
        outcome: { answer: "One two", stop: "end" },
      },
      {
        format: "chat",
        whole: {
          choices: [
            { index: 1, message: { content: "Uno" }, finish_reason: "stop" },
            { index: 0, message: { content: "One two" }, finish_reason: "stop" },
          ],
          usage: CHAT_USAGE,
        },
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They send chunks without a choice, and choices without anything in them",
    becomes: "an answer",
    // microsoft/autogen#6465 and meilisearch/meilisearch#6477 (Azure), langchain-ai/langchain#18977
    replies: [
      {
        format: "chat",
        stream: chat(
          FILTER,
          chunk({ content: "One " }),
          { ...FILTER, choices: [{ index: 0, finish_reason: null, content_filter_offsets: { check_offset: 44 } }] },
          chunk({ content: "two" }),
          chunk({}, "stop"),
          { ...FILTER, choices: [{ index: 0, delta: null, finish_reason: null, content_filter_results: {} }] },
        ),
        outcome: { answer: "One two", usage: [10, 5] },
      },
    ],
  },
  {
    name: "They stream a message in place of a delta, or beside it",
    becomes: "an answer",
    // microsoft/foundry-local#263
    replies: [
      { format: "chat", stream: chat(withMessage({ content: "One two" }, "stop")), outcome: { answer: "One two" } },
      {
        format: "chat",
        stream: chat(withMessage({ content: "One " }), withMessage({ content: "One two" }), withMessage({}, "stop")),
        outcome: { answer: "One two" },
      },
      {
        format: "chat",
        stream: chat(
          chunk({ content: "One ", tool_calls: [], function_call: null }, null, { message: { content: "One " } }),
          chunk({ content: "two" }, "stop", { message: { content: "two" } }),
        ),
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They have a call in the form of before there were several",
    becomes: "a call",
    replies: [
      {
        format: "chat",
        stream: chat(
          chunk({ function_call: { name: "note", arguments: '{"n"' } }),
          chunk({ function_call: { arguments: ":1}" } }, "function_call"),
        ),
        whole: chatWhole({ function_call: { name: "note", arguments: '{"n":1}' } }, "function_call"),
        outcome: { ran: [{ n: 1 }] },
      },
      {
        format: "chat",
        stream: [callPiece({ index: 0, id: "a" }, { name: "note", arguments: '{"n":1}' }, "stop"), DONE],
        outcome: { ran: [{ n: 1 }] },
      },
    ],
  },
];
