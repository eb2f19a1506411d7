import { LLMProgram } from "llmproc";
import { expect, test } from "vitest";
import { customModel, textReply } from "./harness.ts";

const counts = (inputTokens: number, outputTokens: number) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});

test("a model that counts no input, or no output of what it said, is not believed; a zero that is meant is", async () => {
  const replies = [counts(0, 50), counts(50, 0), counts(0, 0), counts(50, 5)];
  const flagged: boolean[] = [];
  for (const zeroIsMeant of [false, true]) {
    for (const usage of replies) {
      const model = customModel(async (io) => {
        await io.beforeSend({});
        return { ...textReply("hi"), usage, zeroIsMeant };
      });
      const { flags } = await (await new LLMProgram({ model }).start()).run("go");
      flagged.push(flags.some(({ reason }) => reason === "wrong_usage"));
    }
  }
  expect(flagged).toEqual([true, true, true, false, false, false, false, false]);
});
