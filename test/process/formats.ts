import type { Model } from "llmproc";
import { anthropic, openai, openaiCompatible } from "llmproc";
import { createModel } from "../../src/models/create-model.ts";
import { anthropicWire } from "../models/anthropic-kind.ts";
import { chatWire } from "../models/chat-kind.ts";
import type { WantedReply } from "../models/conformance.ts";
import { responsesWire } from "../models/responses-kind.ts";
import type { ChatScript } from "../support/chat-server.ts";
import { chatVoice, DONE, wholeChat } from "../support/chat-server.ts";
import type {
  WireAnswer,
  WireEvent,
  WireScript,
  WireServer,
  WireServerRequest,
  WireVoice,
} from "../support/wire-server.ts";
import { pieces, wireServer } from "../support/wire-server.ts";

/** A format on the wire, with everything that a server of it can say. */
export interface Format {
  readonly name: string;
  /** The parameter that bounds the output. */
  readonly maxTokens: string;
  toScript(wanted: WantedReply): WireScript;
  /** The events that a reply streams as. */
  events(script: WireScript): readonly WireEvent[];
  encode(events: readonly WireEvent[]): string;
  /** Errors as the format tells them in the middle of a stream, some with a status of their own. */
  readonly errorEvents: readonly WireEvent[];
  /** Whether `idleTimeoutMs` of `model` has a say. */
  readonly takesIdleTimeout: boolean;
  model(url: string, options?: { idleTimeoutMs?: number; headers?: Readonly<Record<string, string>> }): Model;
  serve(answer: (request: WireServerRequest) => WireAnswer): Promise<WireServer>;
}

interface FormatParts<Script extends WireScript> extends Pick<Format, "name" | "maxTokens" | "errorEvents" | "model"> {
  readonly voice: WireVoice<Script>;
  readonly takesIdleTimeout?: boolean;
  toScript(wanted: WantedReply): Script;
}

function format<Script extends WireScript>({ voice, ...parts }: FormatParts<Script>): Format {
  return {
    takesIdleTimeout: true,
    ...parts,
    // A border post: scripts of a format come from its own `toScript`.
    events: (script) => voice.events(script as Script, 4),
    encode: (events) => voice.encode(events),
    serve: (answer) => {
      const toAnswer = (request: WireServerRequest) => answer(request) as WireAnswer<Script>;
      return wireServer(
        voice,
        Array.from({ length: 1000 }, () => toAnswer),
      );
    },
  };
}

const CODES = ["rate_limit_exceeded", "server_error", "insufficient_quota", "invalid_prompt"];
const TYPES = ["overloaded_error", "rate_limit_error", "invalid_request_error", "authentication_error", "odd_error"];
const chatErrors: readonly WireEvent[] = [
  ...[400, 401, 404, 429, 503, 529].map((code) => ({ error: { code, message: "x" } })),
  ...CODES.map((code) => ({ error: { type: "some_error", code, message: "x" } })),
  { error: "x" },
];

export const messages = format({
  name: "Messages",
  maxTokens: "max_tokens",
  voice: anthropicWire.voice,
  toScript: anthropicWire.toScript,
  errorEvents: TYPES.map((type) => ({ type: "error", error: { type, message: "x" } })),
  model: (url, options) => anthropic({ name: "claude-test", apiKey: "test-key", baseURL: url, ...options }),
});

export const chat = format({
  name: "Chat Completions",
  maxTokens: "max_tokens",
  voice: chatWire.voice,
  toScript: chatWire.toScript,
  errorEvents: chatErrors,
  model: (url, options) => openaiCompatible({ name: "test-model", baseURL: `${url}/v1`, ...options }),
});

export const responses = format({
  name: "Responses",
  maxTokens: "max_output_tokens",
  voice: responsesWire.voice,
  toScript: responsesWire.toScript,
  errorEvents: CODES.flatMap((code): WireEvent[] => [
    { type: "error", code, message: "x", param: null },
    {
      type: "response.failed",
      response: { id: "resp_1", status: "failed", error: { code, message: "x" }, output: [] },
    },
  ]),
  model: (url, options) => openai({ name: "gpt-test", apiKey: "test-key", baseURL: `${url}/v1`, ...options }),
});

/** A package of the AI SDK. */
export const mistral = format({
  name: "mistral of the AI SDK",
  maxTokens: "max_tokens",
  takesIdleTimeout: false,
  voice: { ...chatVoice, events: mistralEvents },
  toScript: chatWire.toScript,
  errorEvents: [
    { object: "error", message: "x", type: "some_error", code: "3505", raw_status_code: 429 },
    ...chatErrors,
  ],
  model: (url, options) => {
    process.env.AI_SDK_TEST_KEY = "planted-secret-key";
    return createModel({
      provider: "mistral",
      name: "mistral-test",
      baseUrl: url,
      apiKeyEnv: "AI_SDK_TEST_KEY",
      ...options,
    });
  },
});

/** As Mistral says it: whole calls, and the usage with the reason why the reply ends. */
function mistralEvents(script: ChatScript): readonly WireEvent[] {
  const { choices, usage, ...head } = wholeChat(script) as WireEvent & { choices: readonly [WireEvent] };
  const { message, finish_reason } = choices[0] as { message: Record<string, unknown>; finish_reason: unknown };
  const calls = (message.tool_calls ?? []) as readonly object[];
  const chunk = (delta: object, more: object = {}, finish: unknown = null): WireEvent => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });
  return [
    chunk({ role: "assistant", content: "" }),
    ...(typeof message.content === "string" ? pieces(message.content, 4).map((content) => chunk({ content })) : []),
    ...calls.map((call, index) => chunk({ content: "", tool_calls: [{ index, ...call }] })),
    chunk({ content: "" }, usage === undefined ? {} : { usage }, finish_reason),
    DONE,
  ];
}

export const FORMATS: readonly Format[] = [messages, chat, responses];
