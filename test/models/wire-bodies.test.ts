import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../src/process/contract/model.ts";
import { FORMATS } from "../process/formats.ts";
import { httpServer } from "../support/http-server.ts";
import { rawServer } from "../support/raw-server.ts";
import type { WireAnswer } from "../support/wire-server.ts";
import { rejection, sendTo } from "./conformance.ts";

// What the body of an answer is decides, whatever it is labelled and whatever was asked for.

const TEXT = "Zürich 🚲 has\ntwo lines.";
const CALL = { id: "call_1", name: "add", args: { a: 1 } };
const LABELS = [
  "text/event-stream",
  "text/plain",
  "application/json",
  "text/html",
  "application/octet-stream",
  undefined,
];

interface Said {
  readonly what: string;
  readonly status: number | undefined;
  readonly body: unknown;
}

/** Failures told within a status of 200; "no room" is what they all say. */
const FAILURES: readonly Said[] = [
  {
    what: "OpenAI's form",
    status: 400,
    body: { error: { message: "no room", type: "invalid_request_error", code: null } },
  },
  {
    what: "Anthropic's form",
    status: 529,
    body: { type: "error", error: { type: "overloaded_error", message: "no room" } },
  },
  { what: "a gateway's form", status: 401, body: { error: { code: 401, message: "no room" }, user_id: "u" } },
  { what: "a code and a message", status: 404, body: { code: 404, message: "no room" } },
  { what: "a code that is a text", status: 422, body: { code: "422", message: "no room" } },
  {
    what: "an object that is an error",
    status: 400,
    body: { object: "error", message: "no room", type: "BadRequestError", param: null, code: 400 },
  },
  {
    what: "an object that is an error, with a detail in it",
    status: 400,
    body: { object: "error", type: "invalid_request_error", message: { detail: [{ loc: ["body"], msg: "no room" }] } },
  },
  {
    what: "a list with an error",
    status: 400,
    body: [{ error: { code: 400, message: "no room", status: "INVALID_ARGUMENT" } }],
  },
  { what: "Google's name for it", status: 429, body: { error: { message: "no room", status: "RESOURCE_EXHAUSTED" } } },
  { what: "a list of errors", status: 403, body: { success: false, errors: [{ code: 403, message: "no room" }] } },
  { what: "a text as the error", status: undefined, body: { error: "no room" } },
  { what: "a detail", status: undefined, body: { detail: "no room" } },
  { what: "details", status: undefined, body: { detail: [{ loc: ["body", "n"], msg: "no room", type: "missing" }] } },
  { what: "a message alone", status: undefined, body: { message: "no room" } },
  { what: "a true error with words", status: undefined, body: { error: true, message: "no room" } },
];

describe.each(FORMATS)("$name", (format) => {
  const events = format.events(format.toScript({ text: TEXT, toolCalls: [CALL] }));
  const stream = format.encode(events);
  // Without the reply's own events, the voice writes the whole answer.
  const asked = { parameters: { stream: false } };

  async function replyTo(raw: string | Buffer, contentType: string | undefined, more: Partial<WireAnswer> = {}) {
    const headers = { "content-type": contentType ?? "" };
    await using server = await format.serve(() => ({ raw, headers, ...more }));
    const { reply, pieces } = await sendTo(format.model(server.url));
    return { texts: reply.texts, calls: reply.toolCalls, pieces: pieces.join("") };
  }

  async function wholeBody(): Promise<string> {
    await using server = await format.serve(() => ({ message: format.toScript({ text: TEXT, toolCalls: [CALL] }) }));
    await sendTo(format.model(server.url), asked);
    const response = await fetch(`${server.url}/v1/x`, { method: "POST", body: "{}" });
    return response.text();
  }

  test.each(LABELS)("a stream labelled %s is a stream", async (label) => {
    expect(await replyTo(stream, label)).toEqual({ texts: [TEXT], calls: [CALL], pieces: TEXT });
  });

  test.each(LABELS)("a whole answer labelled %s is one, though a stream was asked for", async (label) => {
    const whole = await wholeBody();
    expect(await replyTo(whole, label)).toEqual({ texts: [TEXT], calls: [CALL], pieces: "" });
    expect(await replyTo(`\ufeff \r\n\n${whole}\n`, label)).toMatchObject({ texts: [TEXT] });
  });

  test.each<[what: string, change: (text: string) => string]>([
    ["lines that end in CR and LF", (text) => text.replaceAll("\n", "\r\n")],
    ["lines that end in CR", (text) => text.replaceAll("\n", "\r")],
    ["a mark of the byte order before it", (text) => `\ufeff${text}`],
    ["blank lines before it", (text) => `\n\r\n${text}`],
    ["no space behind the colons", (text) => text.replaceAll(": ", ":")],
    ["no names of events", (text) => text.replaceAll(/^event: .*\n/gm, "")],
    ["comments between the events", (text) => text.replaceAll("\n\n", "\n\n: alive\n\n:\n")],
    ["a comment first", (text) => `: OPENROUTER PROCESSING\n\n${text}`],
    ["ids and times to wait", (text) => text.replaceAll("\n\n", "\nid: 7\nretry: 10\n\n")],
    ["data over several lines", (text) => text.replaceAll(/^data: \{/gm, "data: {\ndata: ")],
    ["empty data", (text) => text.replaceAll("\n\n", "\n\ndata:\n\n")],
    ["no blank line at its end", (text) => text.replace(/\n\n$/, "")],
    ["no line feed at its end, either", (text) => text.trimEnd()],
    ...["null", "[]", "5", "true", '""', '"keepalive"', "keepalive", ": ping"].map(
      (nothing): [string, (text: string) => string] => [
        `${nothing} as an event`,
        (text) => text.replaceAll("\n\n", `\n\ndata: ${nothing}\n\n`),
      ],
    ),
    ["events that hold nothing before it", (text) => `data: null\n\ndata: "queued"\n\n${text}`],
    [
      "lines that follow each other without a blank one",
      (text) => text.replaceAll("\n\n", "\n").replaceAll(/^event: .*\n/gm, ""),
    ],
    ["a comment of HTML before it", (text) => `<!-- by a proxy -->\n<!-- twice -->\n\n${text}`],
    ["[DONE] in a way of its own at its end", (text) => `${text.replace("[DONE]", '"[DONE]"')}data:  [done] \n\n`],
    ["[DONE] at its end", (text) => `${text}data: [DONE]\n\n`],
  ])("a stream with %s is the same reply", async (_what, change) => {
    expect(await replyTo(change(stream), "text/event-stream")).toEqual({ texts: [TEXT], calls: [CALL], pieces: TEXT });
  });

  test("lines of JSON without data: before them are a stream", async () => {
    const lines = stream.replaceAll(/^event: .*\n/gm, "").replaceAll(/^data: /gm, "");
    for (const body of [lines, lines.replaceAll("\n\n", "\n"), lines.replaceAll("\n\n", "\r\n"), lines.trim()]) {
      expect(await replyTo(body, "application/x-ndjson")).toEqual({ texts: [TEXT], calls: [CALL], pieces: TEXT });
    }
    // As they come, each by itself.
    await using server = await httpServer(async (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (const line of lines.split(/(?<=\n)/)) {
        await new Promise((resolve) => response.write(line, resolve));
        if (line === "\n") await new Promise(setImmediate);
      }
      response.end();
    });
    expect((await sendTo(format.model(server.url))).reply.texts).toEqual([TEXT]);
  });

  test("a line of JSON in a stream that is no event is no part that goes unseen", async () => {
    const lines = format.encode(events).split("\n\n");
    const raw = lines.map((event, place) => (place === 2 ? event.replaceAll(/^(event: .*\n|data: )/gm, "") : event));
    const body = raw.join("\n\n");
    await using server = await format.serve(() => ({ raw: body, headers: { "content-type": "text/event-stream" } }));
    const error = await rejection(sendTo(format.model(server.url)));
    expect(error).toMatchObject({ connection: true, message: expect.stringContaining("could not be read") });
  });

  test("a body is read in the charset that it is in, whatever it says", async () => {
    const plain = "Zürich hat Köpfe, ÿ und þ";
    const body = (text: string) => format.encode(format.events(format.toScript({ text })));
    const raw = body(plain);
    const wide = Buffer.from(raw, "utf16le");
    const mark = Buffer.from([0xff, 0xfe]);
    const ways: readonly [Buffer, string][] = [
      [Buffer.from(raw, "latin1"), "text/event-stream; charset=iso-8859-1"],
      [Buffer.from(raw, "latin1"), 'text/event-stream;charset="Windows-1252"'],
      [Buffer.from(raw), "text/event-stream;charset=ISO-8859-1"],
      [wide, "text/event-stream; charset=utf-16le"],
      [Buffer.concat([mark, wide]), "text/event-stream; charset=utf-16"],
      [Buffer.concat([mark, wide]), "text/event-stream"],
      [Buffer.from(wide).swap16(), "text/event-stream; charset=utf-16be"],
      [Buffer.concat([mark, wide]).swap16(), "application/json"],
      [gzipSync(raw), "text/event-stream"],
    ];
    for (const [bytes, type] of ways) expect([type, (await replyTo(bytes, type)).texts]).toEqual([type, [plain]]);
    expect(await replyTo(gzipSync(await wholeBody()), "application/json")).toMatchObject({ texts: [TEXT] });
    await using server = await httpServer(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream; charset=iso-8859-1" });
      const bytes = Buffer.from(raw, "latin1");
      const place = bytes.findIndex((byte) => byte > 0x7f);
      // One by one around the first that is not ASCII.
      const around = Array.from(bytes.subarray(place, place + 6), (byte) => Buffer.of(byte));
      for (const piece of [bytes.subarray(0, place), ...around, bytes.subarray(place + 6)]) {
        await new Promise((done) => response.write(piece, done));
      }
      response.end();
    });
    expect((await sendTo(format.model(server.url))).reply.texts).toEqual([plain]);
  });

  test("a body in a charset that nobody knows is refused by its name, and so is one that is no text in its own", async () => {
    const raw = Buffer.from(format.encode(format.events(format.toScript({ text: "Zürich" }))), "latin1");
    for (const [label, said] of [
      ["x-made-up", "its charset is x-made-up"],
      ["shift_jis", "no text in shift_jis"],
    ] as const) {
      const headers = { "content-type": `text/event-stream; charset=${label}` };
      await using server = await format.serve(() => ({ raw, headers }));
      const error = await rejection(sendTo(format.model(server.url)));
      expect(error).toMatchObject({ accepted: true, message: expect.stringContaining(said) });
    }
  });

  test("bytes that are no HTTP behind a whole answer change nothing", async () => {
    for (const body of [await wholeBody(), stream]) {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
      await using server = await rawServer(
        (socket) => void socket.on("data", () => socket.write(`${head}${body}garbage`)),
      );
      expect((await sendTo(format.model(server.url))).reply.texts).toEqual([TEXT]);
    }
  });

  test("a whole answer behind a comment of HTML is one", async () => {
    expect(await replyTo(`<!-- x > y -->\n${await wholeBody()}`, "text/html")).toMatchObject({ texts: [TEXT] });
  });

  test("pieces that end within a surrogate pair are handed out whole, and joined they are the text", async () => {
    const text = "abc😀d🚲x😀";
    const halves = format.encode(format.events(format.toScript({ text })));
    expect(halves).toMatch(/\\ud83d"/);
    await using server = await format.serve(() => ({ raw: halves, headers: { "content-type": "text/event-stream" } }));
    const { reply, pieces } = await sendTo(format.model(server.url));
    expect(pieces.filter((piece) => !piece.isWellFormed())).toEqual([]);
    expect([pieces.join(""), reply.texts]).toEqual([text, [text]]);
  });

  test("an answer that was compressed unasked is unpacked, streamed or whole", async () => {
    const headers = { "content-encoding": "gzip" };
    expect(await replyTo(gzipSync(stream), undefined, { headers })).toMatchObject({ texts: [TEXT], pieces: TEXT });
    expect(await replyTo(gzipSync(await wholeBody()), undefined, { headers })).toMatchObject({ texts: [TEXT] });
    const whole = await wholeBody();
    for (const [coding, body] of [
      ["gzip, gzip", gzipSync(gzipSync(whole))],
      ["identity, GZIP", gzipSync(whole)],
      ["gzip, br", brotliCompressSync(gzipSync(whole))],
      ["gzip", whole],
      ["gzip", stream],
    ] as const) {
      expect(await replyTo(body, undefined, { headers: { "content-encoding": coding } })).toMatchObject({
        texts: [TEXT],
      });
    }
    await using server = await format.serve(() => ({ raw: stream, headers: { "content-encoding": "made-up" } }));
    const error = await rejection(sendTo(format.model(server.url)));
    expect(error).toMatchObject({ accepted: true, message: expect.stringContaining("content-encoding is made-up") });
  });

  test.each(FAILURES)(
    "a failure told in a 200 with $what: its words and its status arrive, wherever it stands",
    async ({ status, body }) => {
      const json = JSON.stringify(body);
      const begun = format.encode(events.slice(0, 2));
      const places: readonly [raw: string, label: string][] = [
        [json, "application/json"],
        [json, "text/event-stream"],
        [`data: ${json}\n\n`, "text/event-stream"],
        [`data: ${json}\n\n`, "application/json"],
        [`event: error\ndata: ${json}\n\n`, "text/event-stream"],
        [`${begun}data: ${json}\n\n`, "text/event-stream"],
        // Lines that are no events.
        [`${begun}${json}\n\n`, "text/event-stream"],
        [`${begun}${json}`, "text/event-stream"],
        [`${begun}event: error\ndata: ${json}`, "text/event-stream"],
      ];
      let next = 0;
      await using server = await format.serve(() => {
        const [raw = "", label = ""] = places[next++] ?? [];
        return { raw, headers: { "content-type": label } };
      });
      for (const _ of places) {
        const error = await rejection(sendTo(format.model(server.url)));
        expect(error).toBeInstanceOf(ModelError);
        expect(error).toMatchObject({ status, connection: status === undefined, accepted: true });
        expect(error).toMatchObject({ message: expect.stringContaining("no room") });
      }
      expect(next).toBe(places.length);
    },
  );

  test("what was put into a stream and is no event is shown where the stream breaks off with it", async () => {
    for (const ending of ["", "\n", "\n</html>\n"]) {
      const raw = `${format.encode(events.slice(0, 2))}<html><title>Bad gateway</title>${ending}`;
      await using server = await format.serve(() => ({ raw, headers: { "content-type": "text/event-stream" } }));
      const error = await rejection(sendTo(format.model(server.url)));
      expect(error).toMatchObject({ connection: true, message: expect.stringContaining("Bad gateway") });
    }
  });

  test("an event called an error is one, whatever it says", async () => {
    for (const said of ["Overloaded", '"no"', "{}", "[]", '{"odd":1}']) {
      const raw = `event: error\ndata: ${said}\n\n`;
      await using server = await format.serve(() => ({ raw, headers: { "content-type": "text/event-stream" } }));
      const error = await rejection(sendTo(format.model(server.url)));
      expect(error).toMatchObject({ accepted: true, message: expect.stringContaining("broke off its reply") });
    }
  });
});
