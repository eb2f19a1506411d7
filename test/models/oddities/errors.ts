import { DONE } from "../../support/chat-server.ts";
import type { Oddity } from "../servers-really.ts";
import {
  chat,
  chatWhole,
  chunk,
  completed,
  itemDone,
  MESSAGE_STOP,
  messageDelta,
  messageStart,
  messageWhole,
  response,
  said,
  textBlock,
  textDelta,
} from "./events.ts";

const LOST = { code: 502, message: "The upstream was lost" };
const LOST_WORDS = /502.*The upstream was lost|The upstream was lost/;

export const errors: readonly Oddity[] = [
  {
    name: "They tell an error within the reply, with status 200",
    becomes: "tried again, or interrupted",
    // damianvtran/local-operator#223 (OpenRouter), genkit-ai/genkit#6259, vercel/ai#1835
    replies: [
      {
        format: "chat",
        stream: [chunk({ content: "half" }), chunk({ content: "" }, "error", { error: LOST })],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        stream: [chunk({ content: "half" }), chunk({ content: " more" }, null, { error: LOST }), DONE],
        outcome: { interrupted: "half more", because: LOST_WORDS },
      },
      {
        format: "chat",
        stream: [chunk({ role: "assistant" }), chunk({}, "error", { error: LOST })],
        outcome: { retried: LOST_WORDS, status: 502 },
      },
      {
        format: "chat",
        stream: [chunk({ content: "half" }), { ...chunk({}, "error"), error: LOST }],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        whole: chatWhole({ content: "half" }, "error", { error: LOST }),
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        whole: chatWhole({ content: "half", error: "The upstream was lost" }),
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        whole: { ...chatWhole({ content: "half" }), error: LOST },
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        whole: { ...chatWhole({}), error: LOST },
        outcome: { retried: LOST_WORDS, status: 502 },
      },
      ...["stop", "error", null].map((finish) => ({
        format: "chat" as const,
        stream: [chunk({ content: "half" }), { ...chunk({ content: " more" }, finish), error: LOST }],
        outcome: { interrupted: "half more", because: LOST_WORDS },
      })),
      {
        format: "chat",
        stream: [chunk({ content: "half" }, null, { index: 1 }), { error: LOST }],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "chat",
        stream: [{ ...chunk({ content: "half" }, "stop"), error: LOST }, DONE],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "messages",
        stream: [
          messageStart(),
          ...textBlock(0, "half"),
          { type: "error", error: { type: "overloaded_error", message: "The upstream was lost" } },
        ],
        outcome: { interrupted: "half", because: /overloaded_error\): The upstream was lost/ },
      },
      {
        format: "messages",
        whole: messageWhole([{ type: "text", text: "half" }], "error", { error: LOST }),
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "messages",
        whole: messageWhole("half", "error"),
        outcome: { interrupted: "half", because: /broke off its reply/ },
      },
      {
        format: "messages",
        whole: messageWhole([], "error", { error: LOST }),
        outcome: { retried: LOST_WORDS, status: 502 },
      },
      {
        format: "responses",
        stream: [textDelta("half"), completed([said("half")], { error: LOST })],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "responses",
        stream: [textDelta("half"), { type: "response.cancelled", response: response([], { status: "cancelled" }) }],
        outcome: { interrupted: "half", because: /broke off its reply .*: it ended with the reason "?cancelled"?/ },
      },
      {
        format: "responses",
        stream: [{ type: "response.cancelled" }],
        outcome: { retried: /it ended with the reason "?cancelled"?/ },
      },
      {
        format: "responses",
        stream: [textDelta("half"), { type: "response.failed", response: response([], { status: "failed" }) }],
        outcome: { interrupted: "half", because: /broke off its reply/ },
      },
      {
        format: "responses",
        stream: [{ type: "response.failed", response: response([], { status: "failed", error: LOST }) }],
        outcome: { retried: LOST_WORDS, status: 502 },
      },
      {
        format: "responses",
        whole: response([said("half")], { status: "completed", error: LOST }),
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      ...[
        response([said("half")], { status: "failed", error: LOST }),
        response([], { status: "failed", error: LOST, output_text: "half" }),
      ].map((failed) => ({
        format: "responses" as const,
        stream: [{ type: "response.failed", response: failed }],
        whole: failed,
        outcome: { interrupted: "half", because: LOST_WORDS },
      })),
      {
        format: "responses",
        stream: [itemDone(said("half")), { type: "response.failed", response: { status: "failed", error: LOST } }],
        outcome: { interrupted: "half", because: LOST_WORDS },
      },
      {
        format: "responses",
        whole: response([], { status: "failed", error: LOST }),
        outcome: { retried: LOST_WORDS, status: 502 },
      },
    ],
  },
  {
    name: "They tell an error behind the reason why a reply ended",
    becomes: "an answer, and a line on stderr",
    replies: [
      {
        format: "chat",
        stream: [chunk({ content: "One two" }), chunk({}, "stop"), { error: LOST }],
        outcome: { answer: "One two" },
      },
      {
        format: "messages",
        stream: [
          messageStart(),
          ...textBlock(0, "One two"),
          messageDelta("end_turn"),
          { type: "error", error: { type: "overloaded_error", message: "x" } },
        ],
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They give the status of an error as a text, in one field or another",
    becomes: "tried again, or interrupted",
    replies: [
      ...["429", 429].map((code) => ({
        format: "chat" as const,
        whole: chatWhole({ content: "" }, "error", { error: { code, message: "Slow down" } }),
        outcome: { retried: /Slow down/, status: 429 },
      })),
      {
        format: "messages",
        whole: messageWhole([], "error", { error: { status: "529", message: "Too many" } }),
        outcome: { retried: /Too many/, status: 529 },
      },
      {
        format: "responses",
        whole: response([], { status: "failed", error: { code: "429", message: "Slow down" } }),
        outcome: { retried: /Slow down/, status: 429 },
      },
    ],
  },
  {
    name: "They fill in the place of an error where there is none",
    becomes: "an answer",
    // microsoft/foundry-local#263
    replies: [null, {}, "", false].flatMap((error) => [
      {
        format: "chat" as const,
        stream: chat(
          { ...chunk({ content: "One " }), error, HttpStatusCode: 0, Successful: true },
          chunk({ content: "two" }, null, { error }),
          chunk({ error }, "stop"),
        ),
        outcome: { answer: "One two" },
      },
      {
        format: "chat" as const,
        whole: { ...chatWhole({ content: "One two", error }, "stop", { error }), error },
        outcome: { answer: "One two" },
      },
      {
        format: "messages" as const,
        stream: [
          messageStart({ error }),
          ...textBlock(0, "One two"),
          { type: "message_delta", delta: { stop_reason: "end_turn", error } },
          MESSAGE_STOP,
        ],
        whole: messageWhole([{ type: "text", text: "One two" }], "end_turn", { error }),
        outcome: { answer: "One two" },
      },
      {
        format: "responses" as const,
        stream: [textDelta("One two"), completed([said("One two")], { error, incomplete_details: error })],
        whole: response([said("One two")], { error, incomplete_details: error }),
        outcome: { answer: "One two" },
      },
    ]),
  },
];
