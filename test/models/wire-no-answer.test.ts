import type { Socket } from "node:net";
import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import type { ModelError } from "../../src/process/contract/model.ts";
import { FORMATS } from "../process/formats.ts";
import { rawServer } from "../support/raw-server.ts";
import { rejection } from "./conformance.ts";

// What ends a request without a last answer fails it, as a lost connection does; what only says that one will come does not.

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
const EARLY = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const LOST = { connection: true, accepted: false, status: undefined };

type Ended = Partial<ModelError> & { readonly said: RegExp };

const ENDS: readonly [what: string, deed: (socket: Socket) => void, error: Ended][] = [
  ["switches protocols, and stays", (socket) => void socket.write(SWITCH), { ...LOST, said: /answered 101/ }],
  ["switches protocols, and goes", (socket) => void socket.end(SWITCH), { ...LOST, said: /answered 101/ }],
  [
    "switches protocols, and breaks off",
    (socket) => void socket.write(SWITCH, () => socket.destroy()),
    { ...LOST, said: /answered 101/ },
  ],
  [
    "switches protocols, and goes on in another",
    (socket) => void socket.write(`${SWITCH}\u0081\u0005hello`),
    { ...LOST, said: /answered 101/ },
  ],
  [
    "switches without a word on what to",
    (socket) => void socket.write("HTTP/1.1 101 X\r\n\r\n"),
    { ...LOST, said: /answered 101/ },
  ],
  [
    "says that an answer will come, and goes",
    (socket) => void socket.end(CONTINUE + EARLY.repeat(50)),
    { ...LOST, said: /ECONNRESET/ },
  ],
  ["goes without a word", (socket) => void socket.end(), { ...LOST, said: /ECONNRESET/ }],
  ["breaks off without a word", (socket) => socket.resetAndDestroy(), { ...LOST, said: /ECONNRESET/ }],
  [
    "answers 204, which has no body",
    (socket) => void socket.write("HTTP/1.1 204 No Content\r\n\r\n"),
    { connection: true, accepted: true, said: /could not be read/ },
  ],
  [
    "answers 205 without a body",
    (socket) => void socket.write("HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"),
    { connection: true, accepted: true, said: /could not be read/ },
  ],
];

describe.each(FORMATS)("$name: a server that", (format) => {
  test.each(ENDS)("%s: the request fails, and is sent again", async (_what, deed, { said, ...facts }) => {
    await using server = await rawServer((socket) => void socket.on("data", () => deed(socket)));
    const { error, requests, reserved } = await failedRun(server.url);
    expect(error).toMatchObject({ ...facts, message: expect.stringMatching(said) });
    expect([requests, reserved]).toEqual([2, 0]);
  });

  test("answers 304, which has no body: the status decides", async () => {
    await using server = await rawServer((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n"));
    });
    const { error, reserved } = await failedRun(server.url);
    expect(error).toMatchObject({ status: 304, connection: false, accepted: false });
    expect(error.message).toMatch(/ 304: no text\. That says to take what was answered before/);
    expect(error.message).not.toMatch(/redirect/i);
    expect([server.connections, reserved]).toEqual([1, 0]);
  });

  test("says without end that an answer will come is given up after the time for silence", async () => {
    await using server = await rawServer((socket) => {
      const hints = setInterval(() => socket.write(EARLY), 5);
      socket.on("close", () => clearInterval(hints));
    });
    const { error } = await failedRun(server.url, 60);
    expect(error).toMatchObject({ connection: true, message: expect.stringContaining("sent nothing for 0.06 s") });
  });

  /** A run under a limit that may send its request twice; what it failed with, and what it still holds. */
  async function failedRun(url: string, idleTimeoutMs = 30_000) {
    const program = new LLMProgram({
      model: format.model(url, { idleTimeoutMs }),
      parameters: { [format.maxTokens]: 10 },
      pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
      limits: { usd: 1 },
      retry: { maxAttempts: 2, initialDelayMs: 0 },
    });
    await using proc = await program.start();
    let requests = 0;
    proc.on("api_request", () => void requests++);
    const failure = (await rejection(proc.run("go"))) as { readonly cause: ModelError };
    return { error: failure.cause, requests, reserved: proc.limits.usd?.reserved };
  }
});
