import { crc32 } from "node:zlib";
import type { JsonObject } from "../../src/json.ts";
import { createModel } from "../../src/models/create-model.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { retryAfter } from "./ai-sdk-google.ts";
import type { WireAnswer, WireServer } from "./ai-sdk-server.ts";
import { pieces, streamAnswer, wireServer } from "./ai-sdk-server.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";

/** Bedrock's Converse API under the conformance suite, in its binary event stream. */
export const bedrockKind: ModelKind = {
  name: "bedrock, through @ai-sdk/amazon-bedrock",
  has: {
    thinking: false,
    reasoningTokens: false,
    imageAddresses: false,
    stopReasons: ["end", "tool_use", "max_tokens", "refusal"],
    wire: true,
  },
  async open(replies) {
    const server = await wireServer(replies.map(bedrockAnswer));
    return {
      model: bedrockModel(server),
      sent: () => server.requests.length,
      bodies: () => server.requests.map(({ raw }) => raw),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

/** With an API key: nothing is signed. */
export function bedrockModel({ url }: WireServer): Model {
  process.env.AI_SDK_TEST_KEY = "planted-secret-key";
  const spec = { provider: "bedrock", name: "acme.model-v1:0", baseUrl: url, region: "eu-west-1" };
  return createModel({ ...spec, apiKeyEnv: "AI_SDK_TEST_KEY" });
}

const STOP = {
  end: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  refusal: "content_filtered",
  other: "odd",
} as const;

export function bedrockAnswer({ error, stopReason, usage, ...reply }: WantedReply): WireAnswer {
  if (error !== undefined) {
    const body = JSON.stringify({ message: error.message });
    return { status: error.status, headers: retryAfter(error.retryAfterMs), body };
  }
  const calls = reply.toolCalls ?? [];
  const texts = pieces(reply.text ?? "").map((text) => {
    return frame("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }, text);
  });
  const toolFrames = calls.flatMap(({ id, name, args }, index) => {
    const contentBlockIndex = index + 1;
    return [
      frame("contentBlockStart", { contentBlockIndex, start: { toolUse: { toolUseId: id, name } } }),
      ...pieces(JSON.stringify(args)).map((input) => {
        return frame("contentBlockDelta", { contentBlockIndex, delta: { toolUse: { input } } });
      }),
      frame("contentBlockStop", { contentBlockIndex }),
    ];
  });
  const counts = {
    inputTokens: usage === undefined ? 10 : usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    outputTokens: usage?.outputTokens ?? 5,
    cacheReadInputTokens: usage?.cacheReadTokens ?? 0,
    cacheWriteInputTokens: usage?.cacheWriteTokens ?? 0,
  };
  const frames = [
    frame("messageStart", { role: "assistant" }),
    ...texts,
    frame("contentBlockStop", { contentBlockIndex: 0 }),
    ...toolFrames,
    frame("messageStop", { stopReason: STOP[stopReason ?? (calls.length > 0 ? "tool_use" : "end")] }),
    frame("metadata", { usage: counts }),
  ];
  return streamAnswer(frames, { "content-type": "application/vnd.amazon.eventstream" }, reply);
}

/** One event in AWS's binary form. (https://smithy.io/2.0/aws/amazon-eventstream.html) */
function frame(eventType: string, payload: JsonObject, text = "") {
  const headers = Buffer.concat([
    header(":event-type", eventType),
    header(":content-type", "application/json"),
    header(":message-type", "event"),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const lengths = Buffer.concat([u32(16 + headers.length + body.length), u32(headers.length)]);
  const message = Buffer.concat([lengths, u32(crc32(lengths)), headers, body]);
  return { bytes: Buffer.concat([message, u32(crc32(message))]), text };
}

/** A header whose value is a text, which is type 7. */
function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7]), length, Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
