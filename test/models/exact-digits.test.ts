import type { Message } from "llmproc";
import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { chatVoice } from "../support/chat-server.ts";
import type { WireEvent } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";
import {
  blockStart,
  blockStop,
  chat,
  chatWhole,
  chunk,
  completed,
  itemDone,
  messages,
  messageWhole,
  response,
  said,
  textBlock,
} from "./oddities/events.ts";
import { asItIs, encoded, written } from "./servers-really.ts";

const NUMBERS = ["12345678901234567890", "1e400", "-0.12345678901234567890123", "9007199254740993", "1e-400"];

/** All of them, deep down and side by side, with texts that look like them, and a number that is as it was. */
const ODD = asItIs(
  `{"deep": [{"n": [${NUMBERS.join(", ")}], "ok": 1.5}], "n": ${NUMBERS[0]}, "text": "9007199254740993", "again": 1e400, "again": "said twice"}`,
);
const SENT = `{"deep":[{"n":[${NUMBERS.join(",")}],"ok":1.5}],"n":${NUMBERS[0]},"text":"9007199254740993","again":"said twice"}`;

interface Digits {
  readonly stream: readonly WireEvent[];
  readonly whole: object;
  model(url: string): Model;
}

const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "x", odd: ODD };

const FORMATS: Readonly<Record<string, Digits>> = {
  "Messages, a block of an unknown type": {
    stream: messages(
      "end_turn",
      [blockStart(0, { type: "from_the_future", odd: ODD }), blockStop(0)],
      textBlock(1, "done"),
    ),
    whole: messageWhole([
      { type: "from_the_future", odd: ODD },
      { type: "text", text: "done" },
    ]),
    model: (url) => anthropic({ name: "claude-test", apiKey: "test-key", baseURL: url }),
  },
  "Chat Completions, details of the reasoning": {
    stream: chat(
      chunk({ reasoning_details: [{ index: 0, type: "reasoning.text", text: "I" }] }),
      chunk({ reasoning_details: [{ index: 0, odd: ODD, text: " see" }] }),
      chunk({ content: "done" }, "stop"),
    ),
    whole: chatWhole({ content: "done", reasoning_details: [{ type: "reasoning.text", odd: ODD }] }),
    model: (url) => openaiCompatible({ name: "test-model", baseURL: `${url}/v1` }),
  },
  "Chat Completions, a field of the message": {
    stream: chat(chunk({ odd: ODD }), chunk({ odd: {}, content: "done" }, "stop")),
    whole: chatWhole({ content: "done", odd: ODD }),
    model: (url) => openaiCompatible({ name: "test-model", baseURL: `${url}/v1` }),
  },
  "Responses, an item of reasoning": {
    stream: [itemDone(reasoning, 0), itemDone(said("done"), 1), completed([reasoning, said("done")])],
    whole: response([reasoning, said("done")]),
    model: (url) => openai({ name: "gpt-test", apiKey: "test-key", baseURL: `${url}/v1` }),
  },
};

/** What goes back of a reply with the next request of the process, and of another one that is given its messages. */
async function sentBack({ stream, whole, model }: Digits, isStreamed: boolean) {
  const headers = { "content-type": isStreamed ? "text/event-stream" : "application/json" };
  const odd = { raw: isStreamed ? encoded(stream) : written(whole), headers };
  await using server = await wireServer(chatVoice, [odd, odd, odd]);
  const parameters = { max_tokens: 100, ...(!isStreamed && { stream: false }) };
  const program = new LLMProgram({ model: model(server.url), parameters });
  await using proc = await program.start();
  const responses: unknown[] = [];
  proc.on("api_response", (given) => void responses.push(given));
  await proc.run("one");
  const saved: readonly Message[] = proc.messages;
  await proc.run("two");
  await using next = await program.start({ messages: saved });
  await next.run("two");
  return { bodies: server.requests.slice(1).map(({ raw }) => raw.toString()), responses, saved };
}

describe("digits that JavaScript has no room for go back to the vendor as they came", () => {
  for (const [name, digits] of Object.entries(FORMATS)) {
    for (const isStreamed of [true, false]) {
      test(`${name}, ${isStreamed ? "streamed" : "whole"}`, async () => {
        const { bodies, responses, saved } = await sentBack(digits, isStreamed);
        expect(bodies).toEqual([expect.stringContaining(SENT), expect.stringContaining(SENT)]);
        expect(JSON.stringify(saved)).toContain(SENT);
        // Whoever reads the response finds numbers, as near as they get.
        const [n] = responses.map((response) => /"n": ?\[([^\]]*)\]/.exec(JSON.stringify(response))?.[1]);
        expect(n).toBe("12345678901234567000,null,-0.12345678901234568,9007199254740992,0");
      });
    }
  }
});

test("what a server has charged counts, with however many digits it says so", async () => {
  const whole = chatWhole({ content: "done" });
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    cost: asItIs("0.12500000000000000000001"),
  };
  await using server = await wireServer(chatVoice, [{ raw: written({ ...whole, usage }) }]);
  const model = openaiCompatible({ name: "test-model", baseURL: `${server.url}/v1` });
  const proc = await new LLMProgram({ model, parameters: { stream: false } }).start();
  expect((await proc.run("one")).usdCost).toBe(0.125);
});
