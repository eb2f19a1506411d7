import { DONE } from "../../support/chat-server.ts";
import type { WireEvent } from "../../support/wire-server.ts";
import type { Oddity } from "../servers-really.ts";
import {
  asked,
  blockDelta,
  blockStart,
  blockStop,
  callBlock,
  chat,
  chatWhole,
  chunk,
  completed,
  itemAdded,
  itemDone,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
  messages,
  messageWhole,
  response,
  said,
  textBlock,
  textDelta,
} from "./events.ts";

const thinking = (index: unknown) => [
  blockStart(index, { type: "thinking", thinking: "" }),
  blockDelta(index, { type: "thinking_delta", thinking: "Hm." }),
];

/** A whole reply as an event. */
function alone(reply: object): WireEvent {
  return { ...reply };
}

export const texts: readonly Oddity[] = [
  {
    name: "They stream a text, and end with a response that is empty",
    becomes: "an answer",
    // bubbuild/republic#37, NousResearch/hermes-agent#6158, BerriAI/litellm#32724, QuantumNous/new-api#4362
    replies: [
      {
        format: "responses",
        stream: [textDelta("One "), textDelta("two"), completed([])],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "responses",
        stream: [textDelta("One "), textDelta("two"), { type: "response.completed" }],
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [
          itemAdded(said("", { content: [] })),
          textDelta("One two"),
          itemDone(said("", { content: [] })),
          completed(null),
        ],
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [textDelta("One two"), itemDone(asked('{"n":1}'), 1), completed([asked('{"n":1}')])],
        outcome: { ran: [{ n: 1 }] },
      },
      {
        format: "responses",
        stream: [
          { type: "response.refusal.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "I will not." },
          completed([]),
        ],
        outcome: { answer: "I will not.", stop: "refusal" },
      },
    ],
  },
  {
    name: "They stream several messages, mixed or not all of them told again at the end",
    becomes: "an answer",
    replies: [
      {
        format: "responses",
        stream: [
          textDelta("One "),
          textDelta("Three ", { item_id: "msg_2", output_index: 1 }),
          textDelta("two."),
          textDelta("four.", { item_id: "msg_2", output_index: 1 }),
          completed([said("One two."), said("Three four.", { id: "msg_2" })]),
        ],
        outcome: { answer: "One two.\nThree four." },
      },
      {
        format: "responses",
        stream: [
          textDelta("One two."),
          textDelta("Three four.", { item_id: "msg_2", output_index: 1 }),
          completed([said("One two.")]),
        ],
        outcome: { answer: "One two.\nThree four." },
      },
    ],
  },
  {
    name: "They end with another text than they streamed",
    becomes: "interrupted",
    replies: [
      {
        format: "responses",
        stream: [textDelta("Hello there"), completed([said("Goodbye")])],
        outcome: { interrupted: "Hello there", because: /another text than it streamed/ },
      },
    ],
  },
  {
    name: "They send a text whole, and not in pieces",
    becomes: "an answer",
    // Soju06/codex-lb#504, NousResearch/hermes-agent#5707
    replies: [
      {
        format: "responses",
        stream: [itemDone(said("One two")), completed([])],
        outcome: { answer: "One two" },
      },
      { format: "responses", stream: [completed([said("One two")])], outcome: { answer: "One two" } },
      {
        format: "responses",
        stream: [
          { type: "response.output_text.done", item_id: "msg_1", output_index: 0, content_index: 0, text: "One two" },
          completed([]),
        ],
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [
          textDelta("One "),
          {
            type: "response.content_part.done",
            item_id: "msg_1",
            output_index: 0,
            content_index: 0,
            part: { type: "output_text", text: "One two" },
          },
          { type: "response.completed" },
        ],
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [
          {
            type: "response.refusal.done",
            item_id: "msg_1",
            output_index: 0,
            content_index: 0,
            refusal: "I will not.",
          },
          completed([]),
        ],
        outcome: { answer: "I will not.", stop: "refusal" },
      },
      {
        format: "responses",
        stream: [completed([], { output_text: "One two" })],
        whole: response([], { output_text: "One two" }),
        outcome: { answer: "One two" },
      },
      {
        format: "messages",
        stream: [
          messageStart({ content: [{ type: "text", text: "One two" }] }),
          messageDelta("end_turn"),
          MESSAGE_STOP,
        ],
        whole: messageWhole("One two"),
        outcome: { answer: "One two" },
      },
      {
        format: "messages",
        stream: messages("end_turn", [blockStart(0, { type: "text", text: "One two" }), blockStop(0)]),
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They send a whole reply as the only event of a stream",
    becomes: "an answer",
    replies: [
      {
        format: "chat",
        stream: [alone(chatWhole({ content: "One two" }))],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [alone(messageWhole([{ type: "text", text: "One two" }]))],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [alone(messageWhole([{ type: "text", text: "half" }], "max_tokens")), DONE],
        outcome: { answer: "half", stop: "max_tokens" },
      },
      {
        format: "responses",
        stream: [alone(response([said("One two")]))],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "responses",
        stream: [alone(response([said("half")], { status: "incomplete" }))],
        outcome: { answer: "half", stop: "max_tokens" },
      },
      {
        format: "responses",
        stream: [alone(response([], { status: "queued" }))],
        outcome: { retried: /stream ended before the reply did/ },
      },
    ],
  },
  {
    name: "They tell a whole reply once more behind its stream, or an empty one before it",
    becomes: "an answer",
    replies: [
      {
        format: "messages",
        stream: [alone(messageWhole([], null)), ...textBlock(0, "One two"), messageDelta("end_turn"), MESSAGE_STOP],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "responses",
        stream: [alone(response([], { status: "in_progress" })), textDelta("One two"), completed([said("One two")])],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [
          messageStart(),
          ...textBlock(0, "One two"),
          alone(messageWhole([{ type: "text", text: "One two" }])),
          messageDelta("end_turn"),
          MESSAGE_STOP,
        ],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "chat",
        stream: [chunk({ content: "One " }), chunk({ content: "two" }), alone(chatWhole({ content: "One two" })), DONE],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "responses",
        stream: [textDelta("One "), textDelta("two"), alone(response([said("One two")])), DONE],
        outcome: { answer: "One two", usage: [10, 5] },
      },
    ],
  },
  {
    name: "They give a piece of text in another form, or in another place",
    becomes: "an answer, or interrupted",
    replies: [
      {
        format: "chat",
        stream: chat({ choices: [{ index: 0, delta: "One " }] }, chunk({ content: "two" }, "stop")),
        outcome: { answer: "One two" },
      },
      {
        format: "chat",
        stream: chat(
          { choices: [{ index: 0, text: "One " }] },
          { choices: [{ delta: null, text: "two" }] },
          chunk({}, "stop"),
        ),
        outcome: { answer: "One two" },
      },
      {
        format: "chat",
        whole: { ...chatWhole({}), choices: [{ index: 0, text: "One two", finish_reason: "stop" }] },
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [textDelta("One "), { ...textDelta(""), delta: { text: "two" } }, completed([])],
        outcome: { interrupted: "One ", because: /a piece of text is no text/ },
      },
    ],
  },
  {
    name: "They leave out who says a message, what kind a part is, or the summary of a reasoning",
    becomes: "an answer",
    replies: [
      {
        format: "responses",
        stream: [
          textDelta("One two"),
          completed([
            { type: "reasoning", id: "rs_1" },
            { type: "message", content: [{ text: "One two" }] },
          ]),
        ],
        whole: response([
          { type: "reasoning", id: "rs_1", summary: null },
          { role: "assistant", content: [{ type: "text", text: "One two" }] },
        ]),
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        whole: response([{ type: "message", content: "One two" }]),
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They begin a message in the middle: without its start, or without its blocks'",
    becomes: "an answer",
    // SaladDay/cc-switch-cli#320, eequaled/GLM_proxy#4
    replies: [
      {
        format: "messages",
        stream: [...textBlock(0, "One two"), messageDelta("end_turn", { input_tokens: 10, output_tokens: 5 })],
        outcome: { answer: "One two", usage: [10, 5] },
      },
      {
        format: "messages",
        stream: [
          messageStart({ content: undefined }),
          blockDelta(0, { type: "text_delta", text: "One " }),
          blockDelta(0, { type: "text_delta", text: "two" }),
          messageDelta("end_turn"),
          MESSAGE_STOP,
        ],
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They number the blocks of a message with gaps, twice with the same number, or not at all",
    becomes: "an answer",
    // jundot/omlx#1353, QuantumNous/new-api#5482, anthropics/anthropic-sdk-typescript#879, ollama/ollama#14816
    replies: [
      {
        format: "messages",
        stream: messages("end_turn", [...thinking(0), blockStop(0)], textBlock(2, "One two"), [blockStop(3)]),
        outcome: { answer: "One two" },
      },
      {
        format: "messages",
        stream: messages("tool_use", [...thinking(0)], callBlock(0, {}, '{"n"', ":1}")),
        outcome: { ran: [{ n: 1 }] },
      },
      {
        format: "messages",
        stream: messages("end_turn", textBlock(1, "One"), textBlock(1, "two")),
        outcome: { answer: "One\ntwo" },
      },
      {
        format: "messages",
        stream: messages("tool_use", textBlock(undefined, "I note."), callBlock(undefined, {}, '{"n":1}')),
        outcome: { ran: [{ n: 1 }] },
      },
      {
        format: "messages",
        stream: messages("end_turn", textBlock(7, "One two")),
        outcome: { answer: "One two" },
      },
    ],
  },
];
