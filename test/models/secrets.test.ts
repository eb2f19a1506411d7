import type { Model } from "llmproc";
import { apiLogger, consoleLog, LLMProgram, RunError, tool } from "llmproc";
import { expect, test } from "vitest";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { createModel } from "../../src/models/create-model.ts";
import { complaint } from "../program/program-files.ts";
import type { WireAnswer, WireScript, WireServer, WireVoice } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";
import { anthropicWire } from "./anthropic-kind.ts";
import { chatWire } from "./chat-kind.ts";
import type { WantedReply } from "./conformance.ts";
import { rejection, sendTo } from "./conformance.ts";
import { responsesWire } from "./responses-kind.ts";

/** Every place that a secret can stand in has one of its own, so that a leak tells where it came from. */
const KEY = "planted-key-0123456789abcdef";
const HEADER = "planted-header-0123456789";
/** Of a header whose name does not tell. */
const NEUTRAL = "planted-neutral-0123456789";
const EXTRA = "planted-extra-0123456789";
const USER_INFO = "planted-password-0123456789";
const QUERY = "planted-query-0123456789";
const TOKEN = "planted-token-0123456789";
const BASIC = Buffer.from(`user:${USER_INFO}`).toString("base64");

process.env.SECRETS_TEST_KEY = KEY;

/** An answer that is the same in every format. */
type Echo = Omit<WireAnswer, "message">;

interface Subject {
  readonly name: string;
  /** The secrets that it sends, beside those of the headers. */
  readonly sends: readonly string[];
  serve(replies: readonly WantedReply[], echoes: readonly Echo[]): Promise<WireServer>;
  model(url: string): Model;
}

function served<Script extends WireScript>({ voice, toScript }: ServedWire<Script>): Pick<Subject, "serve"> {
  const serve: Subject["serve"] = (replies, echoes) =>
    wireServer(voice, [...replies.map((reply) => ({ message: toScript(reply) })), ...echoes]);
  return { serve };
}

interface ServedWire<Script extends WireScript> {
  readonly voice: WireVoice<Script>;
  toScript(wanted: WantedReply): Script;
}

const headers = { "x-api-token": HEADER, "x-door": NEUTRAL };
const named = (provider: string) => (url: string) =>
  createModel({ provider, name: "test-model", apiKeyEnv: "SECRETS_TEST_KEY", headers, baseUrl: url });
const withUserInfo = (url: string) => url.replace("//", `//user:${USER_INFO}@`);

const subjects: readonly Subject[] = [
  { ...served(anthropicWire), name: "anthropic", sends: [KEY], model: named("anthropic") },
  {
    ...served(responsesWire),
    name: "openai",
    sends: [KEY, QUERY],
    model: (url) => named("openai")(`${url}/v1?api_key=${QUERY}`),
  },
  {
    ...served(chatWire),
    name: "openai_compatible",
    sends: [KEY, QUERY],
    model: (url) => named("openai_compatible")(`${url}/v1?api_key=${QUERY}`),
  },
  {
    ...served(chatWire),
    name: "openai_compatible with a password",
    sends: [BASIC, USER_INFO],
    model: (url) => createModel({ provider: "openai_compatible", name: "m", headers, baseUrl: withUserInfo(url) }),
  },
  {
    ...served(anthropicWire),
    name: "anthropic_vertex",
    sends: [TOKEN],
    model: (url) =>
      anthropicVertex({
        name: "test-model",
        projectId: "p",
        region: "global",
        baseURL: url,
        headers,
        authClient: { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${TOKEN}` }) },
      }),
  },
];

/** Answers in which a vendor, or what stands before it, repeats all that it was sent; a cut falls into each secret. */
function echoes(secrets: readonly string[]): readonly Echo[] {
  const echo = `wrong: ${secrets.join(" ")}, Bearer ${secrets[0]}, Basic ${secrets[0]}`;
  const quoted = JSON.stringify(echo);
  const stream = { "content-type": "text/event-stream" };
  return [
    { status: 401, raw: `{"error":{"type":"auth","message":${quoted}}}` },
    { status: 403, raw: `{"detail":${quoted}}` },
    { status: 500, raw: echo, headers: { "content-type": "text/plain" } },
    { raw: echo, headers: { "content-type": "text/html" } },
    { raw: `{"error":${quoted}}` },
    { raw: `{"odd":${quoted}}` },
    { raw: `event: error\ndata: {"error":{"message":${quoted}}}\n\n`, headers: stream },
    { raw: `data: not json ${echo}\n\n`, headers: stream },
    ...Array.from({ length: 40 }, (_, place) => ({ status: 400, raw: "x".repeat(160 + place) + secrets.join("") })),
  ];
}

const look = tool({
  name: "look",
  description: "Looks.",
  parameters: { type: "object", properties: {} },
  execute: () => "nothing",
});

test.each(subjects)("no secret of $name is in an event, an error or on the console", async (subject) => {
  const call = [{ id: "call_1", name: "look", args: {} }];
  const secrets = [HEADER, NEUTRAL, EXTRA, ...subject.sends];
  const repeated = echoes(secrets);
  await using server = await subject.serve([{ text: "I look.", toolCalls: call }, { text: "Nothing." }], repeated);
  const shown: unknown[] = [];
  const model = subject.model(server.url);
  const program = new LLMProgram({
    model,
    tools: [look],
    parameters: { extra_headers: { cookie: EXTRA } },
    retry: { maxAttempts: 1 },
  });
  const stream = { write: (text: string) => void shown.push(text) };
  const logger = apiLogger();
  await using proc = await program.start().addCallback(logger).addCallback(consoleLog({ stream }));
  proc.on("*", (record) => shown.push(record));
  await proc.run("Look.");
  for (const _ of repeated) shown.push(await proc.run("Again.").catch((error: unknown) => error));
  expect(server.requests).toHaveLength(2 + repeated.length);
  const sent = JSON.stringify(server.requests.map(({ headers, path }) => ({ headers, path })));
  for (const secret of secrets.filter((one) => one !== USER_INFO)) expect(sent).toContain(secret);
  const texts = [...shown.map(textOf), textOf(logger), JSON.stringify(proc.messages), proc.stderrLog.join("\n")];
  expect(texts.length).toBeGreaterThan(100);
  for (const text of texts) expect(text).not.toContain("planted-");
  for (const text of texts) expect(text).not.toContain(BASIC.slice(0, 12));
});

/** All that can be seen of a value: as JSON, and of errors their texts and causes, too. */
function textOf(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify(value);
  const result = value instanceof RunError ? value.result : undefined;
  const { message, stack, cause, ...fields } = value;
  return [message, stack, JSON.stringify(fields), JSON.stringify(result), cause && textOf(cause)].join("\n");
}

test("headers that are written as a text are refused without showing it, and so is what else is no header", async () => {
  const line = "authorization: Bearer planted-line-0123456789";
  for (const headers of [line, [line], { authorization: [line] }, { authorization: 123_456_789_012 }]) {
    const toml = `[model]\nprovider = "openai"\nname = "m"\nheaders = ${JSON.stringify(headers).replaceAll('":', '"=')}\n`;
    const said = complaint(toml);
    expect(said).toContain("[model] headers");
    expect(said).not.toMatch(/planted|123456789/);
  }
  for (const provider of ["openai", "google"]) {
    const model = createModel({ provider, name: "m", apiKeyEnv: "SECRETS_TEST_KEY" });
    for (const extra of [line, [line]]) {
      const error = await rejection(sendTo(model, { parameters: { extra_headers: extra } }));
      expect(error).toMatchObject({ code: "program_invalid", message: expect.stringContaining("extra_headers") });
      expect(String(error)).not.toContain("planted");
    }
  }
});
