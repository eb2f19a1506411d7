import { DONE } from "../../support/chat-server.ts";
import type { OddFormat, Oddity, OddReply, Outcome } from "../servers-really.ts";
import {
  asked,
  callBlock,
  callPiece,
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

/** A reply that says "half" and ends with a word, streamed and whole. */
function endsWith(format: OddFormat, word: unknown): Pick<OddReply, "format" | "stream" | "whole"> {
  if (format === "chat") {
    const stream = chat(chunk({ content: "half" }), chunk({}, word));
    return { format, stream, whole: chatWhole({ content: "half" }, word) };
  }
  if (format === "messages") {
    const whole = messageWhole([{ type: "text", text: "half" }], word);
    return { format, stream: messages(word, textBlock(0, "half")), whole };
  }
  const details = { status: "incomplete", incomplete_details: { reason: word } };
  const last = { type: "response.incomplete", response: response([said("half")], details) };
  return { format, stream: [textDelta("half"), last], whole: response([said("half")], details) };
}

function ends(outcome: Outcome, words: Partial<Record<OddFormat, readonly string[]>>): readonly OddReply[] {
  const formats: readonly OddFormat[] = ["chat", "messages", "responses"];
  return formats.flatMap((format) => (words[format] ?? []).map((word) => ({ ...endsWith(format, word), outcome })));
}

/** What was said is kept, be it streamed or whole. */
function failsWith(format: OddFormat, word: string): OddReply {
  const because = new RegExp(`broke off its reply .*: it ended with the reason "?${word}"?`);
  return { ...endsWith(format, word), outcome: { interrupted: "half", because } };
}

const CALL = { id: "c1", type: "function", function: { name: "note", arguments: "{}" } };
const NO_CALL = /ended with the reason "?\w+"?, and has no call/;
const UNKNOWN: Outcome = { answer: "", stop: "other" };
const NOTHING = /says nothing, and not why it ended/;

const search = (more: object) => ({ type: "web_search_call", id: "ws_1", action: { type: "search" }, ...more });

const half = (stop: NonNullable<Extract<Outcome, { answer: string }>["stop"]>): Outcome => ({ answer: "half", stop });

export const endings: readonly Oddity[] = [
  {
    name: "They have words of their own for a reply that was cut by its length",
    becomes: "`max_tokens`",
    replies: ends(half("max_tokens"), {
      // mozilla-ai/any-llm#1202 (Gemini), genkit-ai/genkit#6259 (z.ai), litellm#37710
      chat: ["MAX_TOKENS", "model_length", "model_context_window_exceeded", "max_new_tokens", "token_limit"],
      messages: ["model_context_window_exceeded", "length", "maxTokens"],
      responses: ["max_tokens", "MAX_OUTPUT_TOKENS", "a_reason_from_the_future"],
    }),
  },
  {
    name: "They have words of their own for a reply that was refused",
    becomes: "`refusal`",
    replies: ends(half("refusal"), {
      // genkit-ai/genkit#6259 (z.ai's sensitive), mozilla-ai/any-llm#1202 (Gemini)
      chat: ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "sensitive", "content_filtered", "SPII", "BLOCKLIST"],
      messages: ["guardrail_intervened", "content_filtered", "SAFETY"],
      responses: ["content_filter", "safety"],
    }),
  },
  {
    name: "They end a reply that failed with no more than a word",
    becomes: "tried again, or interrupted",
    // genkit-ai/genkit#6259 (DeepSeek, z.ai), python-genai#1836 (Gemini), togethercomputer/together-python#153
    replies: [
      ...["insufficient_system_resource", "network_error", "abort", "MALFORMED_FUNCTION_CALL", "error"].map((word) =>
        failsWith("chat", word),
      ),
      ...["error", "malformed_model_output"].map((word) => failsWith("messages", word)),
      ...["server_error", "cancelled"].map((word) => failsWith("responses", word)),
    ],
  },
  {
    name: "They have words of their own for a reply that is whole",
    becomes: "an answer",
    replies: ends(half("end"), {
      // genkit-ai/genkit#6259 (xAI's end_turn)
      chat: ["eos", "eos_token", "STOP", "end_turn", "COMPLETE", "stop_sequence", "FinishReason.STOP"],
      messages: ["stop", "END_TURN", "complete"],
    }),
  },
  {
    name: "They tell two reasons why a reply ended, one after the other",
    becomes: "the one that makes less of it",
    replies: [
      ...["stop", "tool_calls", "", "none"].map((later) => ({
        format: "chat" as const,
        stream: chat(
          callPiece({ index: 0, id: "a" }, { name: "note", arguments: "{}" }),
          chunk({}, "length"),
          chunk({}, later),
        ),
        outcome: { told: /cut at its length/ },
      })),
      {
        format: "chat",
        stream: chat(chunk({ content: "half" }), chunk({}, "content_filter"), chunk({}, "stop")),
        outcome: half("refusal"),
      },
      { format: "chat", stream: chat(chunk({ content: "half" }), chunk({}, ["length"])), outcome: half("max_tokens") },
      ...["end_turn", "", "none"].map((later) => ({
        format: "messages" as const,
        stream: [
          messageStart(),
          ...textBlock(0, "half"),
          messageDelta("max_tokens"),
          messageDelta(later),
          MESSAGE_STOP,
        ],
        outcome: half("max_tokens"),
      })),
    ],
  },
  {
    name: "They say that a reply is whole, and in the word of the vendor behind them that it is not",
    becomes: "`max_tokens`, `refusal`, or interrupted",
    replies: [
      ...(["MAX_TOKENS", "SAFETY"] as const).map(
        (native): OddReply => ({
          format: "chat",
          stream: chat(chunk({ content: "half" }), chunk({}, "stop", { native_finish_reason: native })),
          whole: chatWhole({ content: "half" }, "stop", { native_finish_reason: native }),
          outcome: half(native === "SAFETY" ? "refusal" : "max_tokens"),
        }),
      ),
      {
        format: "chat",
        whole: chatWhole({ content: "half" }, "stop", { native_finish_reason: "MALFORMED_FUNCTION_CALL" }),
        outcome: { interrupted: "half", because: /MALFORMED_FUNCTION_CALL/ },
      },
      {
        format: "chat",
        whole: chatWhole({ tool_calls: [CALL] }, "tool_calls", { native_finish_reason: "MAX_TOKENS" }),
        outcome: { told: /cut at its length/ },
      },
      {
        format: "chat",
        whole: chatWhole({ content: "half" }, "stop", { native_finish_reason: "completed" }),
        outcome: half("end"),
      },
    ],
  },
  {
    name: "They end a reply with a word that nobody knows",
    becomes: "`other`",
    replies: ends(half("other"), { chat: ["OTHER", "repetition"], messages: ["a_reason_from_the_future"] }),
  },
  {
    name: "They give an empty reason with each chunk, or write out that there is none yet",
    becomes: "an answer",
    // ollama/ollama#4357
    replies: ["", "null", null].map((none) => ({
      format: "chat",
      stream: chat(
        chunk({ content: "One " }, none),
        chunk({ content: "two" }, none),
        chunk({}, "stop"),
        chunk({}, none),
      ),
      outcome: { answer: "One two", stop: "end" },
    })),
  },
  {
    name: "They never say why a reply ended",
    becomes: "`other`",
    // vllm-project/vllm#27572, can1357/oh-my-pi#9433, looplj/axonhub#2000
    replies: [
      { format: "chat", stream: chat(chunk({ content: "half" })), outcome: half("other") },
      { format: "chat", whole: chatWhole({ content: "half" }, null), outcome: half("other") },
      { format: "messages", stream: [messageStart(), ...textBlock(0, "half"), MESSAGE_STOP], outcome: half("other") },
      { format: "responses", stream: [textDelta("half"), DONE], outcome: half("other") },
    ],
  },
  {
    name: "They never say why a reply with calls ended, or say it by something that is no word",
    becomes: "`other`",
    // earendil-works/pi#6225 (NVIDIA), openclaw/openclaw#98575: the same is sent where a reply was cut
    replies: [
      ...[null, undefined, "", "null", 0, false, true, 1].map(
        (none): OddReply => ({
          format: "chat",
          stream: chat(callPiece({ index: 0, id: "a" }, { name: "note", arguments: "{}" }, none)),
          whole: { ...chatWhole({}), choices: [{ index: 0, message: { tool_calls: [CALL] }, finish_reason: none }] },
          outcome: UNKNOWN,
        }),
      ),
      {
        format: "messages",
        stream: messages(null, callBlock(0, {}, "{}")),
        whole: messageWhole([{ type: "tool_use", id: "t1", name: "note", input: {} }], null),
        outcome: UNKNOWN,
      },
      { format: "responses", stream: [itemDone(asked("{}")), DONE], outcome: UNKNOWN },
      ...[null, undefined, 0, "in_progress"].map(
        (status): OddReply => ({
          format: "responses",
          whole: response([asked("{}")], { status }),
          outcome: UNKNOWN,
        }),
      ),
    ],
  },
  {
    name: "They end a reply in order to call tools, and have no call in it",
    becomes: "tried again, or interrupted",
    replies: [
      ...["tool_calls", "function_call"].flatMap((word): OddReply[] => [
        { ...endsWith("chat", word), outcome: { interrupted: "half", because: NO_CALL } },
        {
          format: "chat",
          stream: chat(chunk({ role: "assistant", tool_calls: [] }), chunk({}, word)),
          whole: chatWhole({ tool_calls: [] }, word),
          outcome: { retried: NO_CALL },
        },
      ]),
      { ...endsWith("messages", "tool_use"), outcome: { interrupted: "half", because: NO_CALL } },
      {
        format: "messages",
        stream: messages("tool_use"),
        whole: messageWhole([], "tool_use"),
        outcome: { retried: NO_CALL },
      },
      {
        format: "messages",
        whole: messageWhole([{ type: "server_tool_use", id: "s1", name: "web_search", input: {} }], "tool_use"),
        outcome: { retried: NO_CALL },
      },
    ],
  },
  {
    name: "They answer before there is a reply",
    becomes: "tried again",
    replies: [
      ...["queued", "in_progress", undefined, null].map(
        (status): OddReply => ({
          format: "responses",
          whole: response([], { status }),
          outcome: { retried: new RegExp(`its status is "?${status}"?, and it has no output`) },
        }),
      ),
      { format: "chat", whole: chatWhole({ content: "" }, null), outcome: { retried: NOTHING } },
      { format: "chat", stream: chat(chunk({ role: "assistant", content: "" })), outcome: { retried: NOTHING } },
      { format: "messages", whole: messageWhole([], null), outcome: { retried: NOTHING } },
      { format: "messages", stream: messages(null, textBlock(0, "")), outcome: { retried: NOTHING } },
    ],
  },
  {
    name: "They close a stream without its last event",
    becomes: "an answer",
    // esengine/DeepSeek-Reasonix#8756, tombii/better-ccflare#307
    replies: [
      {
        format: "messages",
        stream: [messageStart(), ...textBlock(0, "One two"), messageDelta("end_turn")],
        outcome: { answer: "One two" },
      },
      {
        format: "messages",
        stream: [messageStart(), ...textBlock(0, "One two"), messageDelta("end_turn"), DONE],
        outcome: { answer: "One two" },
      },
      {
        format: "chat",
        stream: [chunk({ content: "One two" }), chunk({}, "stop")],
        outcome: { answer: "One two" },
      },
    ],
  },
  {
    name: "They say that a response is complete in the event alone, or only that it is incomplete",
    becomes: "an answer, or `max_tokens`",
    replies: [
      {
        format: "responses",
        stream: [textDelta("One two"), completed([said("One two")], { status: "in_progress" })],
        outcome: { answer: "One two" },
      },
      {
        format: "responses",
        stream: [textDelta("half"), { type: "response.incomplete", response: response([said("half")]) }],
        outcome: half("max_tokens"),
      },
      { format: "responses", whole: response([said("half")], { status: "incomplete" }), outcome: half("max_tokens") },
    ],
  },
  {
    name: "They say that a response is complete, and of an item in it that it is not",
    // justlovemaki/AIClient2API#596: of a picture that is there, they say that it is being made
    becomes: "`max_tokens`, or interrupted",
    replies: [
      ...[[said("half", { status: "incomplete" })], [asked("{}"), said("half", { status: "incomplete" })]].map(
        (output): OddReply => ({
          format: "responses",
          stream: [textDelta("half"), completed(output)],
          whole: response(output),
          outcome: output.length === 1 ? half("max_tokens") : { told: /cut at its length/ },
        }),
      ),
      ...["in_progress", "queued", "incomplete", "a_status_from_the_future"].flatMap((status): OddReply[] => [
        {
          format: "responses",
          stream: [textDelta("half"), completed([said("half", { status })])],
          whole: response([said("half", { status })]),
          outcome: half("max_tokens"),
        },
        {
          format: "responses",
          stream: [itemDone(asked("{}", { status })), completed([])],
          whole: response([asked("{}", { status })]),
          outcome: { told: /cut at its length/ },
        },
        {
          format: "responses",
          stream: [itemAdded(asked("{}", { status })), completed([])],
          outcome: { told: /cut at its length/ },
        },
      ]),
      ...["in_progress", "searching", "generating", "interpreting"].flatMap((status): OddReply[] => [
        {
          format: "responses",
          stream: [textDelta("half"), completed([said("half"), search({ status })])],
          whole: response([said("half"), search({ status })]),
          outcome: half("max_tokens"),
        },
        {
          format: "responses",
          whole: response([search({ status }), said("half")]),
          outcome: half("end"),
        },
        {
          format: "responses",
          whole: response([said("half"), { type: "image_generation_call", id: "ig_1", status, result: "iVBORw0=" }]),
          outcome: half("end"),
        },
      ]),
      ...["completed", "failed", null].map(
        (status): OddReply => ({
          format: "responses",
          whole: response([said("half"), search({ status })]),
          outcome: half("end"),
        }),
      ),
      {
        format: "responses",
        stream: [
          itemAdded(asked("", { status: "in_progress" })),
          { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 0, arguments: '{"n":1}' },
          completed([]),
        ],
        outcome: { ran: [{ n: 1 }] },
      },
      {
        format: "responses",
        stream: [
          itemAdded(said("", { status: "in_progress" })),
          textDelta("half"),
          { type: "response.output_text.done", item_id: "msg_1", output_index: 0, content_index: 0, text: "half" },
          completed([]),
        ],
        outcome: half("end"),
      },
      {
        format: "responses",
        stream: [textDelta("half"), itemDone(said("half", { status: "incomplete" })), completed([])],
        outcome: half("max_tokens"),
      },
      {
        format: "responses",
        whole: response([{ type: "reasoning", id: "rs_1", summary: [], status: "incomplete" }]),
        outcome: { answer: "", stop: "max_tokens" },
      },
      {
        format: "responses",
        stream: [textDelta("half"), completed([said("half", { status: "failed" })])],
        whole: response([said("half", { status: "failed" })]),
        outcome: { interrupted: "half", because: /broke off its reply/ },
      },
    ],
  },
];
