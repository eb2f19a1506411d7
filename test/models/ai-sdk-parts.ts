import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import type { AiSdkModel } from "../../src/models/ai-sdk/ai-sdk-model.ts";
import type { Model, Reply } from "../../src/process/contract/model.ts";
import { modelObject } from "./ai-sdk-object.ts";
import { sendTo } from "./conformance.ts";

export const STOP = { type: "finish", finishReason: { unified: "stop", raw: "STOP" }, usage: {} };

/** A model object whose stream has these parts. */
export function streaming(parts: readonly unknown[], more: Partial<AiSdkModel> = {}): Model {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
  return aiSdk({ ...modelObject([]).object, doStream: () => Promise.resolve({ stream: stream() }), ...more });
}

/** The reply to a stream of these parts. */
export async function replyOf(parts: readonly unknown[], more: Partial<AiSdkModel> = {}): Promise<Reply> {
  return (await sendTo(streaming(parts, more))).reply;
}

export const CALL = { type: "tool-call", toolCallId: "c1", toolName: "add", input: '{"a":1}' };
