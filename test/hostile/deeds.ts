import { once } from "node:events";
import { gzipSync } from "node:zlib";
import type { Visit } from "./visit.ts";
import { KEY } from "./visit.ts";

/** One thing that a server can do to a client. */
export interface Deed {
  readonly name: string;
  run(visit: Visit): void | Promise<void>;
}

/** An answer as it should be; sometimes with a tool call. */
export function kindly({ chance, voice, body, outgoing, bill, maxTokens }: Visit): void {
  const usage = voice.usage(bill(chance.below(maxTokens + 1)));
  const calls = [{ id: `call_${chance.below(1e9)}`, name: "note", json: '{"text":"seen"}' }];
  const asks = !JSON.stringify(body).includes("seen") && chance.happens(0.7);
  respond(outgoing, body, voice, asks ? { calls, usage } : { text: "All is well.", usage });
}

type Said = Parameters<Visit["voice"]["stream"]>[0];

function respond(outgoing: Visit["outgoing"], body: Visit["body"], voice: Visit["voice"], said: Said): void {
  if (body.stream === true) {
    outgoing.writeHead(200, { "content-type": "text/event-stream" }).end(voice.stream(said));
  } else {
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(voice.whole(said)));
  }
}

/** Bills what it likes of what was allowed. */
function billed({ chance, bill, maxTokens }: Visit) {
  return bill(chance.below(maxTokens + 1));
}

/** Usage as it was billed, in the vendor's words. */
function honest(visit: Visit) {
  return visit.voice.usage(billed(visit));
}

const SSE = { "content-type": "text/event-stream" };

/** Writes until the client is gone, or so many bytes are out. */
async function pour(outgoing: Visit["outgoing"], piece: string, mostBytes: number): Promise<void> {
  const gone = once(outgoing, "close");
  for (let sent = 0; sent < mostBytes && !outgoing.destroyed; sent += piece.length) {
    if (!outgoing.write(piece)) {
      await Promise.race([once(outgoing, "drain"), gone]);
    }
  }
}

/** Writes a piece now and then until the client is gone. */
async function drip(outgoing: Visit["outgoing"], piece: string, everyMs: number): Promise<void> {
  while (!outgoing.destroyed) {
    outgoing.write(piece);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** The beginning of a stream as it should be, up to a place that chance picks. */
function beginning(visit: Visit): string {
  const { voice, chance } = visit;
  const whole = voice.stream({ text: "This will not end well.", usage: honest(visit) });
  return whole.slice(0, chance.below(whole.length));
}

const LYING: readonly unknown[] = [0, -5, null, "12", 1e-9, Number.MAX_VALUE, "many", [], {}];

function lie({ voice, chance, body }: Visit): Readonly<Record<string, unknown>> | null {
  if (chance.happens(0.2)) return null;
  const names = Object.keys(voice.usage({ inputTokens: 1, outputTokens: 1 }));
  const bytes = JSON.stringify(body).length;
  return Object.fromEntries(
    names.map((name) => {
      const value = LYING[chance.below(LYING.length)];
      return [name, typeof value === "number" && value > 1e6 ? bytes * 50 : value];
    }),
  );
}

const STATUSES = [
  400, 401, 403, 404, 407, 408, 409, 413, 418, 421, 422, 425, 429, 451, 500, 501, 502, 503, 504, 529, 599,
];

const ENDLESS: readonly Deed[] = [
  {
    name: "text without end",
    async run(visit) {
      billed(visit);
      visit.outgoing.writeHead(200, SSE);
      visit.outgoing.write(beginning(visit));
      await pour(visit.outgoing, visit.voice.piece("more and more and more "), 200e6);
    },
  },
  {
    name: "signs of life without end",
    async run(visit) {
      billed(visit);
      visit.outgoing.writeHead(200, SSE);
      await drip(visit.outgoing, visit.chance.pick([": ping\n\n", "\n", "event: ping\ndata: {}\n\n", "data:\n\n"]), 30);
    },
  },
  {
    name: "signs of life behind a whole reply",
    async run(visit) {
      visit.outgoing.writeHead(200, SSE);
      visit.outgoing.write(visit.voice.stream({ text: "All is said.", usage: honest(visit) }));
      await drip(visit.outgoing, ": ping\n\n", 30);
    },
  },
  {
    name: "a line without end",
    async run(visit) {
      billed(visit);
      visit.outgoing.writeHead(200, SSE);
      visit.outgoing.write("data: ");
      await pour(visit.outgoing, "x".repeat(64 * 1024), 200e6);
    },
  },
  {
    name: "an answer without end",
    async run(visit) {
      billed(visit);
      visit.outgoing.writeHead(200, { "content-type": "application/json" });
      visit.outgoing.write('{"text":"');
      await pour(visit.outgoing, "x".repeat(64 * 1024), 200e6);
    },
  },
  {
    name: "an error without end",
    async run({ outgoing, chance }) {
      outgoing.writeHead(chance.pick([400, 401, 429, 500]), { "content-type": "application/json" });
      await pour(outgoing, "x".repeat(64 * 1024), 200e6);
    },
  },
  {
    name: "a byte now and then",
    async run(visit) {
      const whole = visit.voice.stream({ text: "So slow.", usage: honest(visit) });
      visit.outgoing.writeHead(200, SSE);
      for (const byte of whole) {
        if (visit.outgoing.destroyed) return;
        visit.outgoing.write(byte);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  },
  {
    name: "headers without end",
    run({ outgoing }) {
      outgoing.socket?.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => outgoing.socket?.write(`x-more: ${"y".repeat(4096)}\r\n`), 5);
      outgoing.socket?.once("close", () => clearInterval(timer));
    },
  },
];

const SILENT: readonly Deed[] = [
  { name: "silence", run: (visit) => void billed(visit) },
  {
    name: "silence behind the headers",
    run(visit) {
      billed(visit);
      visit.outgoing.writeHead(200, SSE).flushHeaders();
    },
  },
  {
    name: "silence in the midst",
    run(visit) {
      visit.outgoing.writeHead(200, SSE);
      visit.outgoing.write(beginning(visit));
    },
  },
  {
    name: "silence in an error",
    run({ outgoing, chance }) {
      outgoing.writeHead(chance.pick([400, 401, 403, 404, 422, 429]), { "content-type": "application/json" });
      outgoing.write('{"error":{"mess');
    },
  },
];

const BROKEN: readonly Deed[] = [
  {
    name: "reset before an answer",
    run(visit) {
      billed(visit);
      visit.outgoing.socket?.resetAndDestroy();
    },
  },
  {
    name: "reset in the midst",
    run(visit) {
      visit.outgoing.writeHead(200, SSE);
      visit.outgoing.write(beginning(visit), () => setTimeout(() => visit.outgoing.socket?.resetAndDestroy(), 3));
    },
  },
  {
    name: "an end in the midst",
    run(visit) {
      visit.outgoing.writeHead(200, SSE).end(beginning(visit));
    },
  },
  {
    name: "an error told in the midst",
    run(visit) {
      const { outgoing, chance } = visit;
      const error = chance.pick([
        '{"type":"error","error":{"type":"overloaded_error","message":"x"}}',
        '{"error":{"code":529,"message":"x"}}',
        '{"error":{"code":400,"message":"x"}}',
        '{"object":"error","message":"x","code":401}',
        '{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}',
        '{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":503,"message":"x"}}]}',
      ]);
      const before = beginning(visit).replace(/[^\n]*$/, "");
      outgoing.writeHead(200, SSE).end(`${before}\n\n${chance.happens(0.5) ? "event: error\n" : ""}data: ${error}\n\n`);
    },
  },
  {
    name: "an error told in place of an answer",
    run(visit) {
      billed(visit);
      const { outgoing, chance } = visit;
      const error = chance.pick([
        '{"error":"no"}',
        '{"error":{"code":429,"message":"x"}}',
        '{"detail":"no"}',
        "no",
        "[]",
      ]);
      outgoing.writeHead(200, { "content-type": "application/json" }).end(error);
    },
  },
  {
    name: "fewer bytes than it says",
    run(visit) {
      const whole = JSON.stringify(visit.voice.whole({ text: "Half.", usage: honest(visit) }));
      visit.outgoing.writeHead(200, { "content-type": "application/json", "content-length": whole.length + 100 });
      visit.outgoing.write(whole.slice(0, -visit.chance.below(20)), () => visit.outgoing.destroy());
    },
  },
  {
    name: "a status",
    run(visit) {
      const { outgoing, chance } = visit;
      const status = STATUSES[chance.below(STATUSES.length)] ?? 500;
      // Who fails in the midst of the work may bill it.
      if ([408, 500, 502, 504].includes(status)) billed(visit);
      const wait = chance.pick(["0", "-1", "1e9", "999999999", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "0.001"]);
      outgoing.writeHead(status, { "retry-after": wait, ...(chance.happens(0.5) && { "x-should-retry": "true" }) });
      outgoing.end(
        chance.pick(["", "<html>no</html>", '{"error":{"message":"no"}}', '{"error":null}', "\u0000\u001b[2J"]),
      );
    },
  },
];

const ODD: readonly Deed[] = [
  {
    name: "another label",
    run(visit) {
      const { chance, voice, outgoing } = visit;
      const said = { text: "As it is.", usage: honest(visit) };
      const type = chance.pick(["text/plain", "application/json", "text/event-stream", "text/html", "video/mp4", ""]);
      const streams = chance.happens(0.5);
      outgoing.writeHead(200, type === "" ? {} : { "content-type": type });
      outgoing.end(streams ? voice.stream(said) : JSON.stringify(voice.whole(said)));
    },
  },
  {
    name: "a redirect",
    run({ outgoing, chance, trapUrl }) {
      const to = chance.pick([`${trapUrl}/elsewhere`, "/v1/again", "//", `${trapUrl}?key=${KEY}`, "http://[::1]:1/"]);
      outgoing.writeHead(chance.pick([300, 301, 302, 303, 305, 307, 308, 304, 204]), { location: to }).end();
    },
  },
  {
    name: "lies about usage",
    run(visit) {
      billed(visit);
      const calls = [{ id: `call_${visit.chance.below(1e9)}`, name: "note", json: '{"text":"lied"}' }];
      const said = visit.chance.happens(0.5) ? { text: "Cheap.", usage: lie(visit) } : { calls, usage: lie(visit) };
      respond(visit.outgoing, visit.body, visit.voice, said);
    },
  },
  {
    name: "nested",
    run(visit) {
      const depth = visit.chance.pick([100, 1000, 5000, 20_000]);
      const json = `{"text":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
      // A border post: `JSON.stringify` of our own voices would overflow, so that the text is put in by hand.
      const said = {
        calls: [{ id: `call_${visit.chance.below(1e9)}`, name: "note", json: "{}" }],
        usage: honest(visit),
      };
      const stream = visit.voice.stream(said).replaceAll('"{}"', JSON.stringify(json));
      visit.outgoing.writeHead(200, SSE).end(stream);
    },
  },
  {
    name: "an answer nested deep",
    run(visit) {
      billed(visit);
      const deep = visit.chance.pick(["[", '{"a":']).repeat(50_000);
      visit.outgoing.writeHead(200, { "content-type": visit.chance.pick(["application/json", "text/event-stream"]) });
      visit.outgoing.end(`data: ${deep}\n\n`);
    },
  },
  {
    name: "odd calls",
    run(visit) {
      const { chance } = visit;
      const json = chance.pick([
        "",
        "null",
        '"{}"',
        "{",
        '{"text":2512292042121000001}',
        '{"text":"\\ud800"}',
        "[]",
        "{}",
      ]);
      const name = chance.pick(["note", "", "nobody", "no te", "note\u001b[31m", "__proto__"]);
      const id = chance.pick(["", "same", "c ü", "x".repeat(300)]);
      const calls = Array.from({ length: chance.pick([1, 2, 40]) }, () => ({ id, name, json }));
      respond(visit.outgoing, visit.body, visit.voice, { calls, usage: honest(visit) });
    },
  },
  {
    name: "a call that was cut",
    run(visit) {
      const calls = [{ id: `call_${visit.chance.below(1e9)}`, name: "note", json: '{"te' }];
      const stop =
        { messages: "max_tokens", chat: "length", responses: "max_output_tokens" }[visit.voice.name] ?? "length";
      respond(visit.outgoing, visit.body, visit.voice, { calls, usage: honest(visit), stop });
    },
  },
  {
    name: "a reason that nobody knows",
    run(visit) {
      respond(visit.outgoing, visit.body, visit.voice, { text: "Odd.", usage: honest(visit), stop: "moon_phase" });
    },
  },
  {
    name: "bytes that are no text",
    run(visit) {
      billed(visit);
      const bytes = Buffer.from(Array.from({ length: 2000 }, () => visit.chance.below(256)));
      visit.outgoing.writeHead(200, SSE).end(bytes);
    },
  },
  {
    name: "too much behind the end",
    run(visit) {
      const said = { text: "Twice.", usage: honest(visit) };
      const whole = visit.voice.stream(said);
      visit.outgoing.writeHead(200, SSE).end(`${whole}${whole}data: {not json\n\nevent: error\ndata: late\n\n`);
    },
  },
  {
    name: "packed",
    run(visit) {
      const { chance, outgoing, voice } = visit;
      const whole = voice.stream({ text: "Packed.", usage: honest(visit) });
      const bomb = gzipSync("x".repeat(chance.pick([1000, 20e6, 150e6])));
      const [bytes, encoding] = chance.pick([
        [gzipSync(whole), "gzip"],
        [bomb, "gzip"],
        [Buffer.from(whole), "gzip"],
        [gzipSync(whole).subarray(0, 40), "gzip"],
        [Buffer.from(whole), "made-up"],
      ]);
      outgoing.writeHead(200, { ...SSE, "content-encoding": encoding }).end(bytes);
    },
  },
  {
    name: "the key said back",
    run(visit) {
      const { outgoing, chance, body, voice } = visit;
      const key = chance.pick([KEY, `Bearer ${KEY}`, encodeURIComponent(KEY), JSON.stringify({ key: KEY })]);
      if (chance.happens(0.5)) {
        outgoing.writeHead(chance.pick([401, 400, 500]), { "x-key": KEY });
        outgoing.end(JSON.stringify({ error: { message: `Wrong key ${key}`, type: KEY } }));
      } else respond(outgoing, body, voice, { text: `Your key is ${key}.`, usage: honest(visit) });
    },
  },
];

export const DEEDS: readonly Deed[] = [{ name: "kindly", run: kindly }, ...ENDLESS, ...SILENT, ...BROKEN, ...ODD];
