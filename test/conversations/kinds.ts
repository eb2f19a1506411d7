import type { Message } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { bedrockKind } from "../models/ai-sdk-bedrock.ts";
import { googleKind } from "../models/ai-sdk-google.ts";
import { mistralKind } from "../models/ai-sdk-mistral.ts";
import { anthropicKind } from "../models/anthropic-kind.ts";
import { chatKind } from "../models/chat-kind.ts";
import type { ModelKind, WantedReply } from "../models/conformance.ts";
import { responsesKind } from "../models/responses-kind.ts";
import { vertexKind } from "../models/vertex-kind.ts";
import { anyTool } from "../process/harness.ts";
import {
  chatBodyProblems,
  converseBodyProblems,
  geminiBodyProblems,
  messagesBodyProblems,
  mistralBodyProblems,
  responsesBodyProblems,
} from "../support/body-rules.ts";

export interface JudgedKind {
  readonly kind: ModelKind;
  /** What its vendor refuses a body for. */
  problems(body: Readonly<Record<string, unknown>>): string[];
}

export const KINDS: Readonly<Record<string, JudgedKind>> = {
  anthropic: { kind: anthropicKind, problems: messagesBodyProblems },
  vertex: { kind: vertexKind, problems: messagesBodyProblems },
  openai: { kind: responsesKind, problems: responsesBodyProblems },
  chat: { kind: chatKind, problems: chatBodyProblems },
  google: { kind: googleKind, problems: geminiBodyProblems },
  mistral: { kind: mistralKind, problems: mistralBodyProblems },
  bedrock: { kind: bedrockKind, problems: converseBodyProblems },
};

export const weather = anyTool("weather", ({ city }) => `${String(city)}: rain`);

export function kindNamed(name: string): JudgedKind {
  const judged = KINDS[name];
  if (judged === undefined) throw new Error(`There is no kind ${name}.`);
  return judged;
}

/** A conversation that a model of this kind has led, as it comes back out of a file. */
export async function led(kind: ModelKind, replies: readonly WantedReply[]): Promise<readonly Message[]> {
  await using opened = await kind.open(replies);
  const proc = await new LLMProgram({ model: opened.model, tools: [weather] }).start();
  await proc.run("What is the weather?").catch(() => {});
  return throughJson(proc.messages);
}

export async function scriptedConversation(): Promise<readonly Message[]> {
  const model = scripted([
    { text: "I look.", toolCalls: [{ name: "weather", args: { city: "Rome" } }] },
    { text: "It rains." },
  ]);
  const proc = await new LLMProgram({ model, tools: [weather] }).start();
  await proc.run("What is the weather?");
  return throughJson(proc.messages);
}

/** The body that a model of this kind is sent when it goes on with these messages. */
export async function wentOn(
  kind: ModelKind,
  messages: readonly Message[],
  prompt = "Go on.",
): Promise<Record<string, unknown>> {
  await using opened = await kind.open([{ text: "Here I am." }]);
  const proc = await new LLMProgram({ model: opened.model, tools: [weather] }).start({ messages });
  const result = await proc.run(prompt);
  if (result.lastMessage !== "Here I am.") throw new Error(`It said ${result.lastMessage}.`);
  return JSON.parse(opened.bodies?.()[0] ?? "{}") as Record<string, unknown>;
}

function throughJson(messages: readonly Message[]): readonly Message[] {
  return JSON.parse(JSON.stringify(messages)) as Message[];
}
