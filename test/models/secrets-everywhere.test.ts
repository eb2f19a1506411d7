import { inspect } from "node:util";
import { createMistral } from "@ai-sdk/mistral";
import type { Model } from "llmproc";
import { apiLogger, consoleLog, LLMProgram, tool } from "llmproc";
import { expect, test, vi } from "vitest";
import { aiSdk } from "../../src/models/ai-sdk/ai-sdk.ts";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { createModel } from "../../src/models/create-model.ts";
import { sampleOf } from "../support/sample.ts";
import { SPELLINGS, tellTale } from "../support/spellings.ts";
import type { WireAnswer, WireScript, WireVoice } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";
import { mistralAnswer } from "./ai-sdk-mistral.ts";
import { anthropicWire } from "./anthropic-kind.ts";
import { chatWire } from "./chat-kind.ts";
import type { WantedReply } from "./conformance.ts";
import { sendTo } from "./conformance.ts";
import { responsesWire } from "./responses-kind.ts";

/** One for each place, with characters that every spelling writes in another way. */
const planted = (place: string) => `planted/${place}+0_1&2<3>4"5'6=7`;
/** What a URL or a cookie cannot hold in itself. */
const plain = (place: string) => `planted-${place}-0a1b2c3d`;

const KEY = planted("key");
const IN_HEADERS = {
  "x-api-token": planted("token"),
  "x-door": planted("door"),
  "x-entry": `Token ${planted("entry")}`,
  "proxy-authorization": `Basic ${Buffer.from(`me:${planted("basic")}`).toString("base64")}`,
  cookie: `sid=${plain("sid")}; lang=en; other="${plain("other")}"`,
};
const HEADER_SECRETS = [
  planted("token"),
  planted("door"),
  planted("entry"),
  planted("basic"),
  plain("sid"),
  plain("other"),
];
const EXTRA = { "x-extra-door": planted("extra") };
const QUERIES = ["pass", "sig", "code", "credential", "u"];
const QUERY = QUERIES.map((name) => `${name}=${encodeURIComponent(planted(name))}`).join("&");
const QUERY_SECRETS = QUERIES.map(planted);
const PASSWORD = planted("password");
const USER = plain("user");
const TOKEN = planted("google");

process.env.SECRETS_EVERYWHERE_KEY = KEY;

interface Subject<Script extends WireScript = WireScript> {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly voice: WireVoice<Script>;
  toScript(wanted: WantedReply): Script;
  /** Where it is not said as the voice says it. */
  answer?(wanted: WantedReply): WireAnswer;
  model(url: string): Model;
}

function subject<Script extends WireScript>(given: Subject<Script>): Subject {
  // A border post: a script of a subject only ever goes to its own voice.
  return given as unknown as Subject;
}

/** It sends each call in one piece. */
function inMistral(wanted: WantedReply): WireAnswer {
  const { body = "", headers = {} } = mistralAnswer(wanted);
  return { raw: body, headers };
}

const named = { apiKeyEnv: "SECRETS_EVERYWHERE_KEY", headers: IN_HEADERS, name: "test-model" };

const SUBJECTS: readonly Subject[] = [
  subject({
    ...anthropicWire,
    name: "anthropic",
    secrets: [KEY],
    model: (url) => createModel({ ...named, provider: "anthropic", baseUrl: url }),
  }),
  subject({
    ...responsesWire,
    name: "openai with a query",
    secrets: [KEY, ...QUERY_SECRETS],
    model: (url) => createModel({ ...named, provider: "openai", baseUrl: `${url}/v1?${QUERY}` }),
  }),
  subject({
    ...chatWire,
    name: "openai_compatible with a query",
    secrets: [KEY, ...QUERY_SECRETS],
    model: (url) => createModel({ ...named, provider: "openai_compatible", baseUrl: `${url}/v1?${QUERY}` }),
  }),
  subject({
    ...chatWire,
    name: "openai_compatible with user name and password",
    secrets: [USER, PASSWORD],
    model: (url) => {
      const baseUrl = url.replace("//", `//${USER}:${encodeURIComponent(PASSWORD)}@`);
      return createModel({ provider: "openai_compatible", name: "m", headers: IN_HEADERS, baseUrl });
    },
  }),
  subject({
    ...anthropicWire,
    name: "anthropic_vertex",
    secrets: [TOKEN],
    model: (url) => {
      const authClient = { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${TOKEN}` }) };
      const place = { projectId: "p", region: "global", baseURL: url };
      return anthropicVertex({ name: "test-model", ...place, headers: IN_HEADERS, authClient });
    },
  }),
  subject({
    ...chatWire,
    name: "mistral by name",
    answer: inMistral,
    secrets: [KEY],
    model: (url) => createModel({ ...named, provider: "mistral", baseUrl: `${url}/v1` }),
  }),
  subject({
    ...chatWire,
    name: "a function for the AI SDK",
    answer: inMistral,
    secrets: [KEY],
    model: (url) =>
      aiSdk((fetch) => createMistral({ apiKey: KEY, headers: IN_HEADERS, baseURL: url, fetch })("test-model")),
  }),
  subject({
    ...chatWire,
    name: "a model object of the AI SDK",
    answer: inMistral,
    secrets: [KEY],
    model: (url) => aiSdk(createMistral({ apiKey: KEY, headers: IN_HEADERS, baseURL: url })("test-model")),
  }),
];

const secretsOf = ({ secrets }: Subject) => [...secrets, ...HEADER_SECRETS, ...Object.values(EXTRA)];

/** All that a user of a run can see. */
async function shownOf(model: Model, runs: number): Promise<string> {
  const shown: unknown[] = [];
  const look = tool({
    name: "look",
    description: "Looks.",
    parameters: { type: "object", properties: {}, additionalProperties: true },
    execute: (args) => void shown.push(args),
  });
  const program = new LLMProgram({
    model,
    tools: [look],
    parameters: { extra_headers: EXTRA },
    retry: { maxAttempts: 1 },
  });
  const written = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    shown.push(text);
    return true;
  });
  const logger = apiLogger();
  const stream = { write: (text: string) => void shown.push(text) };
  const proc = await program.start().addCallback(logger).addCallback(consoleLog({ stream }));
  proc.on("*", (record) => shown.push(record));
  const pieces: string[] = [];
  proc.on("response_delta", (text) => pieces.push(text));
  for (let run = 0; run < runs; run++) shown.push(await proc.run("Go on.").catch((error: unknown) => error));
  shown.push(logger, proc.messages, proc.stderrLog, pieces.join(""), JSON.stringify(proc.messages));
  await proc.close();
  written.mockRestore();
  const deep = { depth: 30, maxStringLength: null, maxArrayLength: null, showHidden: true, breakLength: Infinity };
  return shown.map((one) => (typeof one === "string" ? one : inspect(one, deep) + JSON.stringify(one))).join("\n");
}

function expectHidden(shown: string, sent: readonly string[]): void {
  const readable = shown.replaceAll("\\\\", "\\");
  const leaked = sent.filter((text) => shown.includes(tellTale(text)) || readable.includes(tellTale(text)));
  expect(leaked).toEqual([]);
  expect(shown.match(/.{0,60}planted[-/].{0,20}/g) ?? []).toEqual([]);
}

test.each(SUBJECTS)(
  "a reply that repeats the secrets of $name, in any spelling and any piece, shows none",
  async (given) => {
    const spelled = sampleOf(secretsOf(given), 4).flatMap((secret) =>
      Object.values(SPELLINGS).map((spell) => spell(secret)),
    );
    const text = `It is ${spelled.join(" , ")} .`;
    const few = `It is ${spelled.slice(0, Object.keys(SPELLINGS).length).join(" , ")} .`;
    const answers: WireAnswer[] = [
      { message: given.toScript({ thinking: text, text }), pieceLength: 1000 },
      { message: given.toScript({ text }), pieceLength: 7 },
      { message: given.toScript({ text: few }), pieceLength: 1 },
    ];
    const args = { said: text, [`key ${spelled[0]}`]: [{ deep: spelled[1] }] };
    const call: WantedReply = { toolCalls: [{ id: "call_1", name: "look", args }] };
    answers.push(given.answer?.(call) ?? { message: given.toScript(call) });
    answers.push({ message: given.toScript({ text: "Done." }) });
    await using server = await wireServer(given.voice, answers);
    const shown = await shownOf(given.model(server.url), 4);
    expect(server.requests).toHaveLength(5);
    expect(shown).toContain("It is [secret] , ");
    expect(shown).toContain("Done.");
    expectHidden(shown, spelled);
  },
);

const FAILING = SUBJECTS.filter(({ name }) => !/vertex|function|password/.test(name));

test.each(FAILING)("a failure that repeats the secrets of $name, in any spelling, shows none", async (given) => {
  const secrets = secretsOf(given);
  const spelled = Object.values(SPELLINGS).map((spell, place) => spell(secrets[place % secrets.length] ?? ""));
  const eventStream = { "content-type": "text/event-stream" };
  const answers = sampleOf([...spelled.entries()], 4).flatMap(([place, text]): WireAnswer[] => [
    { status: 401, raw: JSON.stringify({ error: { type: "auth", message: `Wrong: ${text}` } }) },
    // Texts are cut short at 200 characters: somewhere within it.
    { status: 400, raw: "x".repeat(170 + place) + text },
    { status: 500, raw: `<html>${text}</html>`, headers: { "content-type": "text/html" } },
    { raw: `<html>${text}</html>`, headers: { "content-type": "text/html" } },
    { raw: `{"odd":{"said":${JSON.stringify(text)}}}` },
    { raw: `event: error\ndata: {"error":{"message":${JSON.stringify(text)}}}\n\n`, headers: eventStream },
    { raw: `data: no JSON ${text}\n\n`, headers: eventStream },
  ]);
  await using server = await wireServer(given.voice, answers);
  const shown = await shownOf(given.model(server.url), answers.length);
  expect(server.requests).toHaveLength(answers.length);
  expect(shown).toContain("[secret]");
  expectHidden(shown, spelled);
});

test.each(SUBJECTS)(
  "a stream of $name that breaks within a secret keeps what came before, and nothing of that",
  async (given) => {
    const [secret = ""] = secretsOf(given);
    const message = given.toScript({ text: `It is ${secret}` });
    const bytes = Buffer.from(given.voice.encode(given.voice.events(message, 1)));
    const cutAfterBytes = bytes.lastIndexOf(Buffer.from(JSON.stringify(secret.slice(14, 15))));
    await using server = await wireServer(given.voice, [{ message, pieceLength: 1, cutAfterBytes }]);
    const shown = await shownOf(given.model(server.url), 1);
    expect(server.requests).toHaveLength(1);
    expect(shown).toContain("It is [secret]");
    expectHidden(shown, [secret]);
  },
);

test("arguments that are no JSON are told as they begin, and no part of a secret at the cut", async () => {
  const given = SUBJECTS.find(({ name }) => name === "openai_compatible with a query");
  if (given === undefined) throw new Error("There is no such subject.");
  const answers = sampleOf([...Array(40).keys()], 10).map((place): WireAnswer[] => {
    const called = { name: "look", arguments: `{"said":"${"x".repeat(150 + place)}${KEY}` };
    const message = { message: { tool_calls: [{ id: `call_${place}`, type: "function", function: called }] } };
    return [{ message, pieceLength: 1e6 }, { message: given.toScript({ text: "Done." }) }];
  });
  await using server = await wireServer(given.voice, answers.flat());
  const shown = await shownOf(given.model(server.url), answers.length);
  expect(shown).toContain("The arguments are not complete JSON");
  expectHidden(shown, [KEY]);
});

test("ordinary words, short values and what only says who asks stay in what a model says", async () => {
  const headers = {
    "user-agent": "acme-agent/1.2.3",
    "anthropic-beta": "context-1m-2025-08-07",
    accept: "application/json",
    "x-team": "research",
    "x-app-name": "my summary writer",
    "x-door": "open-1",
    "api-version": "2025-04-01-preview",
  };
  vi.stubEnv("SECRETS_SHORT_KEY", "ollama");
  const text = `${Object.values(headers).join(", ")}, ollama, max_tokens %2 \\ & + planted %41 \\u00e4 &amp;`;
  const message = chatWire.toScript({ text, toolCalls: [{ id: "call_1", name: "look", args: { text } }] });
  await using server = await wireServer(chatWire.voice, [{ message, pieceLength: 3 }]);
  const address = {
    provider: "openai_compatible",
    apiKeyEnv: "SECRETS_SHORT_KEY",
    baseUrl: `${server.url}/v1?user=me`,
  };
  const { reply, pieces } = await sendTo(createModel({ ...address, name: "ollama", headers }));
  expect(reply.texts).toEqual([text]);
  expect(reply.toolCalls[0]?.args).toEqual({ text });
  expect(pieces.join("")).toBe(text);
  expect(pieces.length).toBeGreaterThan(text.length / 4);
});
