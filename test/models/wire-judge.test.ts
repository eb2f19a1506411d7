import { readFileSync } from "node:fs";
import { Anthropic } from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/core/streaming";
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { OpenAI } from "openai";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import { EventStream } from "../../src/models/wire/event-stream.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { chatServer } from "../support/chat-server.ts";
import { responsesServer } from "../support/responses-server.ts";
import type { WireServer, WireServerRequest } from "../support/wire-server.ts";
import { sendTo } from "./conformance.ts";
import { googleAuth } from "./vertex-kind.ts";

// The vendors' own SDKs are the judges: what they send is what is sent here, and what they read is what is read.

interface Judged {
  readonly name: string;
  open(): Promise<WireServer>;
  model(url: string): Model;
  /** Sends the same through the SDK. */
  judge(url: string, body: JsonObject): Promise<Response>;
}

const apiKey = "test-key-0123456789";
const headers = { "x-team": "search", "Anthropic-Beta": "a,b" };
const settings = { apiKey, maxRetries: 0, defaultHeaders: headers, logLevel: "off" } as const;
const place = { projectId: "my project", region: "europe-west1" };

const judgeOpenAI = (path: string, baseURL: string, body: JsonObject) =>
  new OpenAI({ ...settings, baseURL, organization: null, project: null }).post(path, { body }).asResponse();

const subjects: readonly Judged[] = [
  {
    name: "anthropic",
    open: () => anthropicServer([{}, {}]),
    model: (baseURL) => anthropic({ name: "m", apiKey, baseURL, headers }),
    judge: (baseURL, body) => new Anthropic({ ...settings, baseURL }).post("/v1/messages", { body }).asResponse(),
  },
  {
    name: "anthropic_vertex",
    open: () => anthropicServer([{}, {}]),
    model: (url) =>
      anthropicVertex({ name: "claude-1@2 ü", ...place, baseURL: `${url}/v1`, headers, authClient: googleAuth }),
    async judge(url, { anthropic_version: version, ...payload }) {
      const { apiKey: _none, ...rest } = settings;
      // A border post: the SDK asks an auth client for its headers and for nothing else.
      const authClient = googleAuth as never;
      const api = new AnthropicVertex({ ...rest, ...place, baseURL: `${url}/v1`, authClient });
      const body = { model: "claude-1@2 ü", anthropic_version: version, ...payload };
      return api.post("/v1/messages", { body }).asResponse();
    },
  },
  {
    name: "openai",
    open: () => responsesServer([{}, {}]),
    model: (url) => openai({ name: "m", apiKey, baseURL: `${url}/v1/?api-version=2&x=%20y`, headers }),
    judge: (url, body) => judgeOpenAI("/responses", `${url}/v1/?api-version=2&x=%20y`, body),
  },
  {
    name: "openai_compatible",
    open: () => chatServer([{}, {}]),
    model: (baseURL) => openaiCompatible({ name: "m", apiKey, baseURL, headers }),
    judge: (baseURL, body) => judgeOpenAI("/chat/completions", baseURL, body),
  },
];

/** Of the tools that send it, not of the request. */
const OF_THE_SENDER = /^(host|connection|user-agent|accept-(encoding|language)|sec-fetch-mode|x-stainless-.*)$/;

function shown({ path, raw, headers: all }: WireServerRequest) {
  const own = Object.entries(all).filter(([name]) => !OF_THE_SENDER.test(name));
  return { path, body: raw.toString("utf8"), headers: Object.fromEntries(own) };
}

describe.each(subjects)("$name", ({ open, model, judge }) => {
  test.each([{}, { stream: false }, { max_tokens: 5, x: { deep: ["ü", 1.5, null] }, stream: true }])(
    "the address, the headers and the body are those that the vendor's SDK sends: %o",
    async (parameters) => {
      await using server = await open();
      const tools = [{ name: "add", description: "Adds.", parameters: { type: "object", properties: { a: {} } } }];
      const { payload } = await sendTo(model(server.url), { system: "Sei 🌍", tools, parameters });
      if (payload === undefined) throw new Error("Nothing was sent.");
      await (await judge(server.url, payload)).text();
      const [ours, theirs] = server.requests.map(shown);
      expect(ours).toEqual(theirs);
    },
  );
});

test("requests name this package and its version", async () => {
  await using server = await chatServer([{}]);
  await sendTo(openaiCompatible({ name: "m", baseURL: server.url }));
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(server.requests[0]?.headers["user-agent"]).toBe(`llmproc/${version}`);
});

/** Anything that a stream of events is made of, in any order. */
const line = fc.oneof(
  fc.constantFrom('data: {"a":1}', 'data:{"b":["ü🚲"]}', "data: half", "data", "event: ping", "event:error", ": alive"),
  fc.constantFrom("id: 7", "retry: 10", "odd: field", "", ""),
);
const ending = fc.constantFrom("\n", "\r\n", "\r");
const eventStream = fc
  .tuple(fc.constantFrom("", "\ufeff"), fc.array(line, { maxLength: 30 }), ending)
  .map(([mark, lines, end]) => `${mark}${lines.map((text) => text + end).join("")}${end}`);

test("events are read as the vendor's SDK reads them, wherever the stream is cut", async () => {
  await fc.assert(
    fc.asyncProperty(eventStream, fc.array(fc.nat(200), { maxLength: 20 }), async (text, cuts) => {
      const stream = new EventStream(createParser);
      const places = [0, ...cuts.filter((cut) => cut <= text.length).sort((a, b) => a - b), text.length];
      const ours = places.slice(1).flatMap((place, index) => [...stream.add(text.slice(places[index], place))]);
      const theirs: unknown[] = [];
      for await (const { event, data } of Stream.rawEvents(new Response(text))) {
        if (data !== "") theirs.push({ event: event ?? undefined, data });
      }
      const read = ours
        .filter(({ data, isBare }) => data !== "" && !isBare)
        .map(({ event, data }) => ({ event, data }));
      expect(read).toEqual(theirs);
    }),
  );
});
