import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { ModelError } from "llmproc";
import { describe, expect, test } from "vitest";
import { FORMATS } from "../process/formats.ts";
import { bundled } from "../support/bundled.ts";
import { httpServer, pour } from "../support/http-server.ts";
import { rawServer } from "../support/raw-server.ts";
import { sampleOf } from "../support/sample.ts";
import { rejection, sendTo } from "./conformance.ts";

// No answer takes more than its bounds, and what went wrong here is not taken for a fault of the connection.

const SSE = { "content-type": "text/event-stream" };
const PACKED = gzipSync(Buffer.alloc(1 << 25, "x"), { level: 1 });
const JSON_TYPE = { "content-type": "application/json" };

describe.each(sampleOf(FORMATS, 1))("$name, an answer of 64 MB", (format) => {
  test.each<[what: string, said: string, deed: Parameters<typeof httpServer>[0]]>([
    [
      "an event without end",
      "an event of its stream is larger than 64 MB",
      async (response) => {
        response.writeHead(200, SSE).write("data: ");
        await pour(response, "x".repeat(1 << 20));
      },
    ],
    [
      "an answer without end",
      "it is larger than 64 MB",
      async (response) => {
        response.writeHead(200, JSON_TYPE).write('{"a":"');
        await pour(response, "x".repeat(1 << 20));
      },
    ],
  ])("%s is given up, and not asked for again", async (_what, said, deed) => {
    await using server = await httpServer(deed);
    const error = await rejection(sendTo(format.model(server.url)));
    expect(error).toMatchObject({ connection: false, shouldRetry: false, accepted: true });
    expect(error).toMatchObject({ message: expect.stringContaining(`reply was given up: ${said}.`) });
  });
});

describe.each(FORMATS)("$name", (format) => {
  test("headers without end are a fault of the connection", async () => {
    await using server = await rawServer((socket) => {
      socket.once("data", () => socket.write(`HTTP/1.1 200 OK\r\n${`x-more: ${"y".repeat(1000)}\r\n`.repeat(100)}`));
    });
    const error = await rejection(sendTo(format.model(server.url)));
    expect(error).toMatchObject({ connection: true, accepted: false, message: expect.stringContaining("HEADER") });
  });

  test.each<[what: string, bytes: string, code: string, accepted: boolean]>([
    ["before the answer", "", "ECONNRESET", false],
    ["in the headers", "HTTP/1.1 200 OK\r\ncontent-", "ECONNRESET", false],
    ["behind the headers", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", "ECONNRESET", true],
    ["in the body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ndata:", "ECONNRESET", true],
    [
      "before the last chunk",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\ndata:\r\n",
      "ECONNRESET",
      true,
    ],
    [
      "with a chunk that is none",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nodd\r\n",
      "HPE_INVALID_CHUNK_SIZE",
      true,
    ],
  ])("a connection that ends %s tells its code", async (_where, bytes, code, accepted) => {
    await using server = await rawServer((socket) => void socket.once("data", () => socket.end(bytes)));
    const error = (await rejection(sendTo(format.model(server.url)))) as ModelError;
    expect(error).toMatchObject({ connection: true, shouldRetry: undefined, status: undefined, accepted });
    expect(error.message).toContain(`(${code})`);
  });

  test("a fault of ours is not called one of the connection, and is not sent again", async () => {
    await using server = await format.serve(() => ({ message: format.toScript({ text: "x" }) }));
    // Only plain JavaScript can give it: no vendor could be sent it.
    const parameters = { odd: 1n } as never;
    const error = await rejection(sendTo(format.model(server.url), { parameters }));
    expect(error).toMatchObject({ connection: false, shouldRetry: false, accepted: false });
    expect(error).toMatchObject({ message: expect.stringMatching(/fault of its own: .*BigInt/) });
    expect(server.requests).toEqual([]);
  });
});

test("signs of life without end, as fast as they are read, are given up, too", async () => {
  const [format] = FORMATS;
  if (format === undefined) throw new Error("There are no formats.");
  const comment = Buffer.from(`:${" ".repeat(1 << 20)}\n`);
  const kinds = [[SSE, comment] as const, [JSON_TYPE, comment.subarray(1)] as const];
  for (const [type, piece] of sampleOf(kinds, 1)) {
    await using server = await httpServer((response) => pour(response.writeHead(200, type), piece));
    const error = await rejection(sendTo(format.model(server.url)));
    const said = expect.stringContaining("reply was given up: it is larger than 256 MB.");
    expect(error).toMatchObject({ connection: false, shouldRetry: false, message: said });
  }
});

test("an answer that was packed small and is huge is given up before it fills the memory", async () => {
  // 1 GB, in parts that follow each other.
  const packed = Buffer.concat(Array.from({ length: 32 }, () => PACKED));
  await using server = await httpServer((response) => {
    response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(packed);
  });
  const script = `
    const { openaiCompatible } = await import(${JSON.stringify(bundled("index.js"))});
    const model = openaiCompatible({ name: "m", baseURL: ${JSON.stringify(server.url)} });
    const messages = [{ role: "user", content: [{ type: "text", text: "x" }] }];
    const conversation = { system: "", messages, tools: [], parameters: {}, depth: 0 };
    const io = { signal: new AbortController().signal, beforeSend() {}, onText() {} };
    await model.send(conversation, io).catch((error) => console.log(error.message));
  `;
  const args = ["--max-old-space-size=200"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, "--input-type=module", "-e", script]);
  expect(stdout).toMatch(/reply was given up: it is larger than 64 MB\.\n$/);
});
