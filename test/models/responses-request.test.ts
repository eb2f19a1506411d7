import { expect, test } from "vitest";
import type { Message, PromptBlock } from "../../src/events/message.ts";
import type { JsonObject } from "../../src/json.ts";
import { openai } from "../../src/models/openai/openai.ts";
import type { Conversation } from "../../src/process/contract/model.ts";
import { responsesServer } from "../support/responses-server.ts";
import { rejection, sendTo, user } from "./conformance.ts";

/** What arrives at the server for a conversation. */
async function requestFor(parts: Partial<Conversation> = {}) {
  await using server = await responsesServer([{}]);
  await sendTo(openai({ name: "gpt-test", apiKey: "test-key", baseURL: `${server.url}/v1` }), parts);
  const [request] = server.requests;
  if (request === undefined) throw new Error("No request arrived.");
  return request;
}

async function inputFor(messages: readonly Message[], parameters: JsonObject = {}): Promise<unknown> {
  return (await requestFor({ messages, parameters })).body.input;
}

test("a request without parameters streams, and leaves it to OpenAI whether it stores", async () => {
  const { body, path, headers } = await requestFor();
  expect(body).toEqual({
    model: "gpt-test",
    stream: true,
    input: [{ role: "user", content: [{ type: "input_text", text: "Hello" }] }],
  });
  expect(path).toBe("/v1/responses");
  expect(headers).toMatchObject({ authorization: "Bearer test-key", "content-type": "application/json" });
});

test("the system prompt goes as instructions, tools without strictness, the vendor's own after them", async () => {
  const parameters = { type: "object", properties: { a: {} } };
  const tools = [
    { name: "add", description: "Adds.", parameters },
    { name: "now", description: "", parameters: {} },
  ];
  const search = { type: "web_search" };
  const { body } = await requestFor({ system: "Be kind.", tools, parameters: { tools: [search] } });
  expect(body.instructions).toBe("Be kind.");
  expect(body.tools).toEqual([
    { type: "function", name: "add", description: "Adds.", parameters, strict: false },
    { type: "function", name: "now", description: "", parameters: { type: "object", properties: {} }, strict: false },
    search,
  ]);
  expect((await requestFor({ system: " " })).body).not.toHaveProperty("instructions");
});

test("text, images and files of a prompt", async () => {
  const content: PromptBlock[] = [
    { type: "text", text: "Look:" },
    { type: "image", mediaType: "image/png", data: "iVBO" },
    { type: "image", url: "https://example.com/a.png" },
    { type: "file", mediaType: "application/pdf", data: "JVBE", name: "a.pdf" },
    { type: "file", mediaType: "text/csv", data: Buffer.from("a,ü\n").toString("base64") },
  ];
  expect(await inputFor([{ role: "user", content }])).toEqual([
    {
      role: "user",
      content: [
        { type: "input_text", text: "Look:" },
        { type: "input_image", image_url: "data:image/png;base64,iVBO" },
        { type: "input_image", image_url: "https://example.com/a.png" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBE" },
        { type: "input_text", text: "a,ü\n" },
      ],
    },
  ]);
});

const PLAIN = { type: "reasoning", id: "rs_1", summary: [] };
const ENCRYPTED = { ...PLAIN, id: "rs_2", encrypted_content: "xx" };
const CALL = { type: "function_call", id: "fc_1", call_id: "c1", name: "add", arguments: "{}" };
const said = (...content: JsonObject[]): Message => ({ role: "assistant", content, text: "" });

test("a tool loop goes back as it was: items as they came, results, an interrupted text", async () => {
  const messages: readonly Message[] = [
    user("Add."),
    said(PLAIN, CALL),
    { role: "tool", content: [{ callId: "c1", toolName: "add", content: "", isError: true }] },
    { role: "assistant", content: [], text: "It broke", interrupted: true },
    user("And now?"),
  ];
  expect(await inputFor(messages)).toEqual([
    { role: "user", content: [{ type: "input_text", text: "Add." }] },
    PLAIN,
    CALL,
    { type: "function_call_output", call_id: "c1", output: "The tool failed without a message." },
    { role: "assistant", content: "It broke" },
    { role: "user", content: [{ type: "input_text", text: "And now?" }] },
  ]);
});

test("without storage, reasoning is asked for encrypted, and what is not encrypted stays here", async () => {
  const messages = [user("x"), said(PLAIN, ENCRYPTED, CALL)];
  const { body } = await requestFor({ messages, parameters: { store: false } });
  expect(body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
  expect((body.input as unknown[]).slice(1)).toEqual([ENCRYPTED, CALL]);
  const own = { store: false, include: [] };
  expect((await requestFor({ parameters: own })).body).toMatchObject(own);
  expect((await requestFor({ parameters: { store: true } })).body).not.toHaveProperty("include");
});

test("reasoning that led to nothing, as in a reply that was cut off, stays here", async () => {
  const input = await inputFor([user("x"), said(PLAIN, CALL, ENCRYPTED), said(PLAIN), user("y")]);
  expect(input).toMatchObject([{ role: "user" }, PLAIN, CALL, { role: "user" }]);
  expect(input).toHaveLength(4);
});

test("a message is converted once, and its items go into each request as the same frozen objects", async () => {
  await using server = await responsesServer([{}, {}]);
  const model = openai({ name: "m", apiKey: "k", baseURL: server.url });
  const first = user("first");
  const one = await sendTo(model, { messages: [first] });
  const two = await sendTo(model, { messages: [first, said(CALL), user("y")] });
  const [before] = (one.payload?.input ?? []) as readonly unknown[];
  const [after] = (two.payload?.input ?? []) as readonly unknown[];
  expect(after).toBe(before);
});

test("parameters that cannot be sent are one clear error, before anything is sent", async () => {
  await using server = await responsesServer([]);
  const model = openai({ name: "m", apiKey: "k", baseURL: server.url });
  const wrong: [JsonObject, Partial<Conversation>, RegExp][] = [
    [{ input: [] }, {}, /"input" cannot be set here/],
    [{ model: "other" }, {}, /"model" cannot be set here/],
    [{ instructions: "a" }, { system: "b" }, /"instructions" cannot be set beside/],
    [{ background: true }, {}, /"background" cannot be set/],
  ];
  for (const [parameters, parts, message] of wrong) {
    const error = await rejection(sendTo(model, { ...parts, parameters }));
    expect(error).toMatchObject({ code: "program_invalid", message: expect.stringMatching(message) });
  }
  expect(server.requests).toEqual([]);
});
