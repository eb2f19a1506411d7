import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { ModelError } from "../../src/process/contract/model.ts";
import type { ChatScript } from "../support/chat-server.ts";
import { chatVoice } from "../support/chat-server.ts";
import { rawServer } from "../support/raw-server.ts";
import type { ResponsesScript } from "../support/responses-server.ts";
import { responsesVoice } from "../support/responses-server.ts";
import type { WireAnswer, WireEvent, WireScript, WireVoice } from "../support/wire-server.ts";
import { wireServer } from "../support/wire-server.ts";
import { conversation, rejection, sendTo } from "./conformance.ts";

interface Subject<Script extends WireScript> {
  readonly vendor: string;
  readonly voice: WireVoice<Script>;
  readonly message: Script;
  readonly errorEvent: WireEvent;
  readonly keepAlive: string;
  model(baseURL: string, idleTimeoutMs?: number): Model;
}

const TEXT = "Some Zürich 🚲 text.";

const chat: Subject<ChatScript> = {
  vendor: "127.0.0.1",
  voice: chatVoice,
  message: { message: { content: TEXT } },
  errorEvent: { id: "x", choices: [], error: { code: 502, message: "Upstream\nfailed" } },
  keepAlive: ": OPENROUTER PROCESSING\n\n",
  model: (baseURL, idleTimeoutMs = 60_000) =>
    openaiCompatible({ name: "test-model", apiKey: "test-key", baseURL, idleTimeoutMs }),
};

const responses: Subject<ResponsesScript> = {
  vendor: "127.0.0.1",
  voice: responsesVoice,
  message: { output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: TEXT }] }] },
  errorEvent: { type: "error", code: "server_error", message: "Upstream\nfailed", param: null },
  keepAlive: ": keep-alive\n\n",
  model: (baseURL, idleTimeoutMs = 60_000) => openai({ name: "gpt-test", apiKey: "test-key", baseURL, idleTimeoutMs }),
};

describe("openai_compatible: what goes wrong", () => {
  faultTests(chat);
});

describe("openai: what goes wrong", () => {
  faultTests(responses);
});

function faultTests<Script extends WireScript>(subject: Subject<Script>): void {
  const { voice, message } = subject;

  async function failureOf(answer: WireAnswer<Script>): Promise<ModelError> {
    await using server = await wireServer(voice, [answer]);
    const error = await rejection(sendTo(subject.model(server.url)));
    expect(error).toBeInstanceOf(ModelError);
    // A border post: the line above has checked it.
    return error as ModelError;
  }

  test("every refusal has its status and what was said, whatever stands in between says it", async () => {
    const bodies: [unknown, string][] = [
      [{ error: { message: "what\nhappened", type: "t_error", code: null } }, "(t_error): what happened"],
      [{ error: { message: "no model", type: "invalid_request_error", code: "model_x" } }, "(model_x): no model"],
      [{ error: "a text" }, ": a text"],
      [{ detail: "Not Found" }, ": Not Found"],
      [{ message: "Unauthorized" }, ": Unauthorized"],
      [{ odd: 1 }, ': {"odd":1}'],
      ["a page", ": a page"],
      ["", ": no text"],
    ];
    for (const [body, said] of bodies) {
      const raw = typeof body === "string" ? body : JSON.stringify(body);
      const error = await failureOf({ status: 422, raw });
      expect(error).toMatchObject({ status: 422, connection: false });
      expect(error.message).toMatch(new RegExp(`^${subject.vendor}[:\\d]* answered 422`));
      expect(error.message.endsWith(said)).toBe(true);
    }
  });

  test("what a gateway passes on is said with the words of the one behind it", async () => {
    const metadata = { raw: "Rate limited upstream", provider_name: "Some" };
    const error = await failureOf({
      status: 429,
      raw: JSON.stringify({ error: { code: 429, message: "Provider returned error", metadata } }),
    });
    expect(error.message).toContain("Provider returned error: Rate limited upstream");
  });

  test("an error in the midst of a stream is the error that it would have been as an answer", async () => {
    const events = [...voice.events(message, 4).slice(0, 2), subject.errorEvent];
    const error = await failureOf({ events });
    expect(error.status).toBeGreaterThanOrEqual(500);
    expect(error.message).toContain("Upstream failed");
  });

  test("an answer with 200 that is an error is one", async () => {
    const raw = JSON.stringify({ error: { code: 503, message: "no capacity" } });
    expect(await failureOf({ raw })).toMatchObject({ status: 503, message: expect.stringContaining("no capacity") });
    const unknown = await failureOf({ raw: JSON.stringify({ error: "no capacity" }) });
    expect(unknown).toMatchObject({ status: undefined, connection: true });
  });

  test("a page in place of a reply, a cut or an empty answer: an error that shows how it began", async () => {
    const html = "<html><title>Bad gateway</title></html>";
    const stream = { "content-type": "text/event-stream" };
    const answers: WireAnswer<Script>[] = [
      { raw: html, headers: { "content-type": "text/html" } },
      { raw: '{"id":"x","ch', headers: {} },
      { raw: "", headers: {} },
      { raw: html, headers: stream },
      { raw: "", headers: stream },
      { raw: "data: not json\n\n", headers: stream },
      { raw: "data: [1]\n\n", headers: stream },
    ];
    for (const answer of answers) {
      expect(await failureOf(answer)).toMatchObject({ status: undefined, connection: true });
    }
    expect((await failureOf(answers[0] ?? {})).message).toMatch(/Bad gateway.* Check the address http:\/\/127/);
    expect((await failureOf(answers[1] ?? {})).message).toContain('{"id":"x"');
    expect((await failureOf(answers[5] ?? {})).message).toContain("not json");
  });

  test("each failure is one request", async () => {
    for (const answer of [{ status: 503, raw: "{}", headers: { "x-should-retry": "true" } }, { resetAtOnce: true }]) {
      await using server = await wireServer(voice, [answer, { message }]);
      await rejection(sendTo(subject.model(server.url)));
      expect(server.requests).toHaveLength(1);
    }
  });

  test("a silent stream is given up after its time; one that only says that it is alive is waited for", async () => {
    const stall = { message, cutAfterBytes: 200, afterCut: "stall" } as const;
    await using silent = await wireServer(voice, [stall]);
    const error = await rejection(sendTo(subject.model(silent.url, 100)));
    expect(error).toMatchObject({ connection: true, message: expect.stringContaining("sent nothing for 0.1 s") });
    await silent.requests[0]?.closed;
    await using alive = await slowServer(subject);
    expect((await sendTo(subject.model(alive.url, 250))).reply.texts).toEqual([TEXT]);
  });

  test("what an account has used up does not come back by waiting", async () => {
    const type = "insufficient_quota";
    const error = await failureOf({
      status: 429,
      raw: JSON.stringify({ error: { message: "You exceeded your quota", type, code: type } }),
    });
    expect(error).toMatchObject({ status: 429, shouldRetry: false });
    expect(error.message).toMatch(/quota\. Waiting does not help/);
  });

  test("an address without /v1 is told so where nothing is there", async () => {
    const missing = { status: 404, raw: "page not found" };
    expect((await failureOf(missing)).message).toMatch(/ Most base URLs end in \/v1\.$/);
    await using server = await wireServer(voice, [missing]);
    const error = await rejection(sendTo(subject.model(`${server.url}/v1`)));
    expect(error).toMatchObject({ message: expect.stringMatching(/Check .* address http:\/\/127[^ ]*\/v1\.$/) });
  });

  test("https:// to a server of http://, and the other way round, are told, and not tried again", async () => {
    await using server = await wireServer(voice, []);
    const plain = await rejection(sendTo(subject.model(server.url.replace("http:", "https:"))));
    const said = /failed: the server does not speak TLS as expected \(ERR_SSL_[A-Z_]+\)\. Is it http:/;
    expect(plain).toMatchObject({ shouldRetry: false, message: expect.stringMatching(said) });
    // What a server of TLS says to a request without it.
    await using other = await rawServer(
      (socket) => void socket.once("data", () => socket.end("\x15\x03\x01\x00\x02\x02F")),
    );
    const secure = await rejection(sendTo(subject.model(other.url)));
    const toHTTPS = /failed: the server does not speak HTTP as expected .* Is it https:/;
    expect(secure).toMatchObject({ shouldRetry: false, message: expect.stringMatching(toHTTPS) });
  });

  test("a server that does not even begin to answer is given up after that time, too, unless the reply is to come whole", async () => {
    await using dead = await wireServer(voice, [{ latencyMs: 60_000 }]);
    const error = await rejection(sendTo(subject.model(dead.url, 100)));
    const silence = expect.stringMatching(/ sent nothing for 0\.1 s\. .*idle_timeout_ms/);
    expect(error).toMatchObject({ connection: true, message: silence });
    await dead.requests[0]?.closed;
    await using slow = await wireServer(voice, [{ message, latencyMs: 150 }]);
    const { reply } = await sendTo(subject.model(slow.url, 50), { parameters: { stream: false } });
    expect(reply.texts).toEqual([TEXT]);
  });

  test("an abort closes the connection: before the answer, in the stream, and in a reply that is not streamed", async () => {
    const cut = { message, cutAfterBytes: 300, afterCut: "stall" } as const;
    const cases: [WireAnswer<Script>, object][] = [
      [{ latencyMs: 60_000 }, {}],
      [cut, {}],
      [{ ...cut, cutAfterBytes: 30 }, { stream: false }],
    ];
    for (const [answer, parameters] of cases) {
      await using server = await wireServer(voice, [answer]);
      const abort = new AbortController();
      const sending = rejection(sendTo(subject.model(server.url), { parameters: { ...parameters } }, abort.signal));
      const request = await server.arrived(1);
      abort.abort("enough");
      expect(await sending).toBe("enough");
      await request.closed;
    }
  });

  test("requests that follow each other use the connections that are there, and leave no listener", async () => {
    const answers = Array.from({ length: 8 }, () => ({ message }));
    await using server = await wireServer(voice, answers);
    const model = subject.model(server.url);
    const { signal } = new AbortController();
    for (const _ of answers) await sendTo(model, {}, signal);
    // One that is just coming free may be missed, so there can be a second.
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("what a listener of the text throws is not taken for a fault of the vendor's, also at the last piece", async () => {
    await using server = await wireServer(voice, [{ message, pieceLength: 1000 }]);
    const io = {
      signal: new AbortController().signal,
      beforeSend() {},
      onText: () => Promise.reject(new Error("mine")),
    };
    expect(await rejection(subject.model(server.url).send(conversation(), io))).toMatchObject({ message: "mine" });
  });
}

/** Says for half a second only that it is alive, then the reply. */
async function slowServer<Script extends WireScript>({ voice, message, keepAlive }: Subject<Script>) {
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { "content-type": "text/event-stream" });
    let beats = 0;
    const timer = setInterval(() => {
      outgoing.write(keepAlive);
      if (++beats < 10) return;
      clearInterval(timer);
      outgoing.end(voice.encode(voice.events(message, 4)));
    }, 50);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
