import { describe, expect, test } from "vitest";
import type { Message } from "../../src/events/message.ts";
import type { JsonObject } from "../../src/json.ts";
import { deepFreeze } from "../../src/json.ts";
import type { Conversation, Model, Reply, TokenUsage } from "../../src/process/contract/model.ts";
import { ModelError } from "../../src/process/contract/model.ts";

/** A reply that every kind of model can be made to give. */
export interface WantedReply {
  readonly thinking?: string;
  readonly text?: string;
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly args: JsonObject }[];
  readonly usage?: TokenUsage;
  readonly stopReason?: Reply["stopReason"];
  /** After so much of the text nothing more comes. */
  readonly stallsAfter?: number;
  /** The connection breaks after so much of the text. */
  readonly breaksAfter?: number;
  readonly error?: { readonly status: number; readonly message: string; readonly retryAfterMs?: number };
}

/** A model of some kind that will give these replies. */
export interface OpenedModel extends AsyncDisposable {
  readonly model: Model;
  /** How many requests arrived at the other end. */
  sent(): number;
  /** The bodies on the wire, for kinds that have one. */
  bodies?(): readonly string[];
}

export interface ModelKind {
  readonly name: string;
  open(replies: readonly WantedReply[]): Promise<OpenedModel>;
  /** What this kind has. Without it, the tests of it are not made. */
  readonly has: {
    readonly thinking: boolean;
    /** It tells how much it has written to its cache. @default true */
    readonly cacheWrites?: boolean;
    /** It tells the tokens of reasoning apart. @default true */
    readonly reasoningTokens?: boolean;
    /** It takes images by their address. @default true */
    readonly imageAddresses?: boolean;
    /** It tells how much it has read from a cache. @default true */
    readonly cacheReads?: boolean;
    /** What answers it can break a stream at a given character, or fall silent there. @default true */
    readonly cuts?: boolean;
    readonly stopReasons: readonly Reply["stopReason"][];
    readonly wire: boolean;
  };
}

/** A conversation of one user message, with whatever else is given, frozen as the loop's are. */
export function conversation(parts: Partial<Conversation> = {}): Conversation {
  return deepFreeze({ system: "", messages: [user("Hello")], tools: [], parameters: {}, depth: 0, ...parts });
}

export function user(text: string): Message {
  return { role: "user", content: [{ type: "text", text }] };
}

function assistant(reply: Reply): Message {
  return { role: "assistant", content: reply.content, text: reply.texts.join("") };
}

/** Sends, and keeps what the process would hear. */
export async function sendTo(model: Model, parts: Partial<Conversation> = {}, signal = new AbortController().signal) {
  const payloads: JsonObject[] = [];
  const pieces: string[] = [];
  const io = {
    signal,
    beforeSend: (p: JsonObject | (() => JsonObject)) => void payloads.push(typeof p === "function" ? p() : p),
    onText: (t: string) => void pieces.push(t),
  };
  const reply = await model.send(conversation(parts), io);
  return { reply, payload: payloads[0], payloads, pieces };
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It did not reject.");
}

const ADD_CALLS = [
  { id: "call_1", name: "add", args: { a: 1, b: [2, { c: "ü" }] } },
  { id: "call_2", name: "add", args: {} },
];
const CACHED: TokenUsage = { inputTokens: 1000, outputTokens: 50, cacheReadTokens: 700, cacheWriteTokens: 200 };

/** What every kind of model promises to the loop. */
export function modelConformance(kind: ModelKind): void {
  describe(`${kind.name}: as every model`, () => {
    replyTests(kind);
    requestTests(kind);
    failureTests(kind);
    if (kind.has.cacheReads !== false) cacheTest(kind);
    if (kind.has.reasoningTokens !== false) reasoningTest(kind);
    if (kind.has.cuts !== false) cutTests(kind);
    if (kind.has.thinking) thinkingTest(kind);
    if (kind.has.wire) wireTests(kind);
  });
}

function replyTests(kind: ModelKind): void {
  test("a text is the reply's text, and its pieces join to it", async () => {
    const text = "Zürich 🚲 has\ntwo lines.";
    await using opened = await kind.open([{ text }]);
    const { reply, pieces } = await sendTo(opened.model);
    expect(reply.texts).toEqual([text]);
    expect(pieces.join("")).toBe(text);
    expect(pieces.length).toBeGreaterThan(0);
    expect(reply).toMatchObject({ toolCalls: [], stopReason: "end" });
  });

  test("several tool calls arrive in order, with their ids and arguments", async () => {
    await using opened = await kind.open([{ text: "I add.", toolCalls: ADD_CALLS }]);
    const { reply } = await sendTo(opened.model);
    expect(reply.toolCalls).toEqual(ADD_CALLS);
    expect(reply.stopReason).toBe("tool_use");
    expect(reply.texts).toEqual(["I add."]);
  });

  test("one tool call, without any text", async () => {
    const toolCalls = ADD_CALLS.slice(0, 1);
    await using opened = await kind.open([{ toolCalls }]);
    const { reply, pieces } = await sendTo(opened.model);
    expect(reply).toMatchObject({ toolCalls, texts: [], stopReason: "tool_use" });
    expect(pieces).toEqual([]);
  });

  test("tokens of input and output are counted", async () => {
    const usage = { inputTokens: 1000, outputTokens: 50, cacheReadTokens: 0, cacheWriteTokens: 0 };
    await using opened = await kind.open([{ text: "x", usage }]);
    expect((await sendTo(opened.model)).reply.usage).toMatchObject(usage);
  });

  for (const stopReason of kind.has.stopReasons) {
    test(`stop reason: ${stopReason}`, async () => {
      const toolCalls = stopReason === "tool_use" ? ADD_CALLS : [];
      await using opened = await kind.open([{ text: "x", stopReason, toolCalls }]);
      expect((await sendTo(opened.model)).reply.stopReason).toBe(stopReason);
    });
  }

  test("the payload is frozen all the way down: what is shown is what is sent", async () => {
    await using opened = await kind.open([{ text: "x", toolCalls: ADD_CALLS, usage: CACHED }]);
    const tools = [{ name: "add", description: "Adds.", parameters: { type: "object", properties: { a: {} } } }];
    const { payload } = await sendTo(opened.model, {
      system: "s",
      tools,
      parameters: { max_tokens: 9, x: { y: [1] } },
    });
    expect(unfrozenPaths(payload)).toEqual([]);
  });

  test("a slow listener of the text slows the stream: its pieces never overlap", async () => {
    await using opened = await kind.open([{ text: "one two three four" }]);
    let busy = 0;
    const overlaps: number[] = [];
    await opened.model.send(conversation(), {
      signal: new AbortController().signal,
      beforeSend() {},
      async onText() {
        overlaps.push(busy++);
        await new Promise((resolve) => setTimeout(resolve, 2));
        busy--;
      },
    });
    expect(overlaps.length).toBeGreaterThan(0);
    expect(overlaps.every((count) => count === 0)).toBe(true);
  });
}

function cacheTest({ has, open }: ModelKind): void {
  test("cache reads and writes are counted within the input", async () => {
    const usage = has.cacheWrites === false ? { ...CACHED, cacheWriteTokens: 0 } : CACHED;
    await using opened = await open([{ text: "x", usage }]);
    expect((await sendTo(opened.model)).reply.usage).toMatchObject(usage);
  });
}

function reasoningTest({ open }: ModelKind): void {
  test("tokens of reasoning are told apart within the output", async () => {
    const usage = { ...CACHED, reasoningTokens: 30, cacheWriteTokens: 0 };
    await using opened = await open([{ text: "x", usage }]);
    expect((await sendTo(opened.model)).reply.usage).toMatchObject(usage);
  });
}

function requestTests(kind: ModelKind): void {
  test("what beforeSend throws comes out as it is, and nothing is sent", async () => {
    for (const thrown of [new Error("no"), undefined, "a text"]) {
      for (const isAsync of [false, true]) {
        await using opened = await kind.open([{ text: "x" }]);
        const beforeSend = () => {
          if (isAsync) return Promise.reject(thrown);
          throw thrown;
        };
        const signal = new AbortController().signal;
        const sending = opened.model.send(conversation(), { signal, beforeSend, onText() {} });
        expect(await rejection(sending)).toBe(thrown);
        expect(opened.sent()).toBe(0);
      }
    }
  });

  test("nothing is sent before beforeSend has settled", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const seen: number[] = [];
    const beforeSend = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(opened.sent());
    };
    await opened.model.send(conversation(), { signal: new AbortController().signal, beforeSend, onText() {} });
    expect([...seen, opened.sent()]).toEqual([0, 1]);
  });

  test("beforeSend hears each request once", async () => {
    await using opened = await kind.open([{ text: "x" }, { text: "y" }]);
    expect((await sendTo(opened.model)).payloads).toHaveLength(1);
    expect((await sendTo(opened.model)).payloads).toHaveLength(1);
    expect(opened.sent()).toBe(2);
  });
}

function failureTests(kind: ModelKind): void {
  test("aborted before: rejects with the reason; nobody is asked, and nothing is sent", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const reason = new Error("enough");
    const asked: JsonObject[] = [];
    const io = { signal: AbortSignal.abort(reason), beforeSend: (p: JsonObject) => void asked.push(p), onText() {} };
    expect(await rejection(opened.model.send(conversation(), io))).toBe(reason);
    expect([asked.length, opened.sent()]).toEqual([0, 0]);
  });

  test("aborted in beforeSend: rejects with the reason, and nothing is sent", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const abort = new AbortController();
    const reason = new Error("enough");
    const beforeSend = () => abort.abort(reason);
    expect(await rejection(opened.model.send(conversation(), { signal: abort.signal, beforeSend, onText() {} }))).toBe(
      reason,
    );
    expect(opened.sent()).toBe(0);
  });

  test("a listener of the text that throws ends the request with just that", async () => {
    for (const thrown of [new Error("mine"), new ModelError("mine too"), undefined]) {
      await using opened = await kind.open([{ text: "The beginning and the end." }]);
      const signal = new AbortController().signal;
      const onText = () => Promise.reject(thrown);
      expect(await rejection(opened.model.send(conversation(), { signal, beforeSend() {}, onText }))).toBe(thrown);
    }
  });

  test("a 400 is a ModelError with the status and the vendor's text, and no word of trying again", async () => {
    await using opened = await kind.open([{ error: { status: 400, message: "temperature: too hot" } }]);
    const error = await rejection(sendTo(opened.model));
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ code: "model_failed", status: 400, connection: false, retryAfterMs: undefined });
    expect(String(error)).toContain("temperature: too hot");
  });

  test("a 429 says how long to wait", async () => {
    await using opened = await kind.open([{ error: { status: 429, message: "slow down", retryAfterMs: 2000 } }]);
    expect(await rejection(sendTo(opened.model))).toMatchObject({ status: 429, retryAfterMs: 2000 });
  });
}

function cutTests(kind: ModelKind): void {
  test("aborted in the middle of the text: rejects with the reason, though nothing more ever comes", async () => {
    await using opened = await kind.open([{ text: "The beginning and the end.", stallsAfter: 8 }]);
    const abort = new AbortController();
    const reason = new Error("enough");
    const onText = () => void setTimeout(() => abort.abort(reason), 5);
    const sending = opened.model.send(conversation(), { signal: abort.signal, beforeSend() {}, onText });
    expect(await rejection(sending)).toBe(reason);
  });

  test("a stream that breaks is a ModelError of the connection; what came before was handed out", async () => {
    await using opened = await kind.open([{ text: "The beginning and the end.", breaksAfter: 12 }]);
    const pieces: string[] = [];
    const io = {
      signal: new AbortController().signal,
      beforeSend() {},
      onText: (text: string) => void pieces.push(text),
    };
    const error = await rejection(opened.model.send(conversation(), io));
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ connection: true, status: undefined });
    expect(pieces.join("")).toBe("The beginnin");
  });
}

function thinkingTest(kind: ModelKind): void {
  test("thinking goes back with the next request, byte for byte", async () => {
    await using opened = await kind.open([{ thinking: 'Hm. "1" + 2 …', toolCalls: ADD_CALLS }, { text: "3" }]);
    const first = await sendTo(opened.model);
    const results = ADD_CALLS.map(({ id, name }) => ({ callId: id, toolName: name, content: "3", isError: false }));
    const messages = [user("1 + 2?"), assistant(first.reply), { role: "tool", content: results } as const];
    const second = await sendTo(opened.model, { messages });
    expect(JSON.stringify(first.reply.content)).toContain("Hm. ");
    const sent = JSON.stringify(second.payload);
    for (const block of first.reply.content) expect(sent).toContain(JSON.stringify(block));
  });
}

function wireTests(kind: ModelKind): void {
  const tools = [
    { name: "add", description: "Adds.", parameters: { type: "object", properties: { a: { type: "number" } } } },
  ];

  test("the payload is, byte for byte, the body on the wire", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const parameters = { max_tokens: 7, zeta: [1.5, null, { ключ: "\u2028" }], __proto__x: { deep: { er: true } } };
    const { payload } = await sendTo(opened.model, { system: "Sei 🌍", tools, parameters });
    expect(opened.bodies?.()).toEqual([JSON.stringify(payload)]);
  });

  test("parameters that nobody here knows arrive as they are", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const parameters = { max_tokens: 7, brand_new: { a: [1, "b", false] }, user_profile_id: "u1" };
    await sendTo(opened.model, { parameters });
    expect(JSON.parse(opened.bodies?.()[0] ?? "")).toMatchObject(parameters);
  });

  test("calls and their results go back with the ids that tie them", async () => {
    await using opened = await kind.open([{ text: "I add.", toolCalls: ADD_CALLS }, { text: "3" }]);
    const { reply } = await sendTo(opened.model, { tools });
    const results = reply.toolCalls.map(({ id, name }) => ({
      callId: id,
      toolName: name,
      content: `result of ${id}`,
      isError: id === "call_2",
    }));
    const messages = [user("Add."), assistant(reply), { role: "tool", content: results } as const];
    await sendTo(opened.model, { tools, messages });
    const body = opened.bodies?.()[1] ?? "";
    const said = ["Add.", "I add.", "call_1", "call_2", "result of call_1", "result of call_2"];
    const places = said.map((text) => body.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const id of ["call_1", "call_2"]) expect(body.split(`"${id}"`)).toHaveLength(3);
  });

  test("images of a prompt arrive between its texts", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const address = kind.has.imageAddresses === false ? [] : ["https://example.com/cat.png"];
    const content = [
      { type: "text", text: "first-text" },
      { type: "image", mediaType: "image/png", data: "aW1hZ2U=" },
      ...address.map((url) => ({ type: "image", url }) as const),
      { type: "text", text: "last-text" },
    ] as const;
    await sendTo(opened.model, { messages: [{ role: "user", content }] });
    const body = opened.bodies?.()[0] ?? "";
    const places = ["first-text", "aW1hZ2U=", ...address, "last-text"].map((at) => body.indexOf(at));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(body).toMatch(/image\/png|"png"/);
  });

  test("user, tool and interrupted messages arrive, in order", async () => {
    await using opened = await kind.open([{ text: "x" }]);
    const messages: Message[] = [
      user("first-user"),
      { role: "assistant", content: [], text: "broken-off", interrupted: true },
      user("second-user"),
    ];
    await sendTo(opened.model, { system: "system-prompt", tools, messages });
    const body = opened.bodies?.()[0] ?? "";
    const places = ["first-user", "broken-off", "second-user"].map((text) => body.indexOf(text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(body).toContain("system-prompt");
  });

  test("the same history is the same body, also when its messages were sent before", async () => {
    await using opened = await kind.open([{ text: "x" }, { text: "y" }]);
    const messages = [user("a"), { role: "assistant", content: [], text: "b" } as const, user("c")];
    await sendTo(opened.model, { messages });
    await sendTo(opened.model, { messages: structuredClone(messages) });
    const [first, second] = opened.bodies?.() ?? [];
    expect(second).toBe(first);
  });
}

/** Where something in a value can still be changed. */
function unfrozenPaths(value: unknown, path = "$"): string[] {
  if (typeof value !== "object" || value === null) return [];
  const here = Object.isFrozen(value) ? [] : [path];
  return [...here, ...Object.entries(value).flatMap(([key, item]) => unfrozenPaths(item, `${path}.${key}`))];
}
