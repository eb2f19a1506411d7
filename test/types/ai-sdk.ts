// Compiled, never run: model objects of the AI SDK, by its own types, are models here.
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { mistral } from "@ai-sdk/mistral";
import type { LanguageModelV2, LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import type { AiSdkModel, Model } from "llmproc";
import { aiSdk, LLMProgram } from "llmproc";
import { expectTypeOf } from "vitest";

declare const v4: LanguageModelV4;
declare const v3: LanguageModelV3;
declare const v2: LanguageModelV2;

for (const model of [v4, v3, v2, mistral("mistral-large-latest")]) {
  expectTypeOf(model).toExtend<AiSdkModel>();
  expectTypeOf(aiSdk(model)).toEqualTypeOf<Model>();
  new LLMProgram({ model });
}

// Made with the fetch that shows the body.
aiSdk((fetch) => createGoogleGenerativeAI({ fetch })("gemini-3.5-flash"));
aiSdk((fetch) => createAmazonBedrock({ fetch, region: "eu-west-1" })("amazon.nova-lite-v1:0"), { provider: "aws" });
aiSdk(() => v3, { idleTimeoutMs: 1000 });

// A provider is no model, nor is a model of ours one of the AI SDK.
// @ts-expect-error
aiSdk(createGoogleGenerativeAI());
// @ts-expect-error
aiSdk(aiSdk(v4));
// @ts-expect-error
new LLMProgram({ model: mistral });
