import type { ServerResponse } from "node:http";
import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import type { ModelError } from "../../src/process/contract/model.ts";
import { FORMATS } from "../process/formats.ts";
import { drip, httpServer, pour } from "../support/http-server.ts";
import { rawServer } from "../support/raw-server.ts";
import { rejection, sendTo } from "./conformance.ts";

// One attempt is one request, to one server; its status decides, whatever becomes of the rest of the answer.

const REDIRECTS = [300, 301, 302, 303, 305, 307, 308];

describe.each(FORMATS)("$name", (format) => {
  test.each(REDIRECTS)("a redirect (%i) is not followed: the error names the address it points to", async (status) => {
    await using trap = await httpServer((response) => void response.end("{}"));
    const location = `${trap.url}/v1/elsewhere?token=planted-in-the-address`;
    await using server = await httpServer((response) => void response.writeHead(status, { location }).end());
    const { error, errors, usdUncertain } = await failedRun(server.url);
    expect(error).toMatchObject({ status, connection: false, accepted: false });
    expect(error.message).toContain(`It points to ${trap.url}/v1/elsewhere?…`);
    expect(error.message).toMatch(/ put it in base_url \(baseURL in code\)\.$/);
    expect(error.message).not.toContain("planted");
    expect([server.requests.length, trap.requests.length, errors, usdUncertain]).toEqual([1, 0, 1, 0]);
  });

  test("a redirect to an address with a secret in it, whatever is escaped, does not show it", async () => {
    const headers = { "x-door": "planted-door-0123456789" };
    for (const secret of [
      "planted-door-0123456789",
      "\\u0070lanted-door-0123456789",
      "planted%2Ddoor-\\x30123456789",
    ]) {
      const location = `/is/${secret}/there`;
      await using server = await httpServer((response) => void response.writeHead(307, { location }).end());
      const error = await rejection(sendTo(format.model(server.url, { headers })));
      expect(String(error)).toContain(`It points to ${server.url}/is/[secret]/there.`);
      expect(String(error)).not.toContain("0123456789");
    }
  });

  test("a redirect to itself, to nowhere, or without an address is one request and one error", async () => {
    for (const location of ["/v1/again", "//", "http://[::1", "javascript:alert(1)", undefined]) {
      await using server = await httpServer(
        (response) => void response.writeHead(307, location === undefined ? {} : { location }).end(),
      );
      const { error, errors } = await failedRun(server.url);
      expect(error).toMatchObject({ status: 307, message: expect.stringMatching(/Redirects are not followed/) });
      expect([server.requests.length, errors]).toEqual([1, 1]);
    }
  });

  test("a request that came to the wrong server (421) is not sent again over another connection", async () => {
    await using server = await httpServer((response) => void response.writeHead(421).end("not here"));
    const { error, errors } = await failedRun(server.url);
    expect(error).toMatchObject({ status: 421, message: expect.stringContaining("not here") });
    expect([server.requests.length, errors]).toEqual([1, 1]);
  });

  test("the body of a refusal stalls, breaks off or never ends: the status decides", async () => {
    const words = '{"error":{"message":"no such thing","type":"t_error"}';
    const cut = { "content-length": 1000 };
    const deeds: readonly ((response: ServerResponse, status: number) => void | Promise<void>)[] = [
      (response, status) => void response.writeHead(status).write(words),
      (response, status) => response.writeHead(status).flushHeaders(),
      (response, status) =>
        void response.writeHead(status, cut).write(words, () => setTimeout(() => response.destroy(), 20)),
      (response, status) => pour(response.writeHead(status), "x".repeat(64_000)),
      (response, status) => drip(response.writeHead(status), " "),
      (response, status) => void response.writeHead(status, { "content-encoding": "gzip" }).end("not packed"),
      (response, status) => void response.writeHead(status, { "content-encoding": "made-up" }).end(words),
    ];
    const cases = [400, 401, 403, 404, 407, 422].flatMap((status) => deeds.map((deed) => ({ status, deed })));
    await Promise.all(
      cases.map(async ({ status, deed }) => {
        await using server = await httpServer((response) => deed(response, status));
        const { error, errors, usdUncertain } = await failedRun(server.url);
        expect(error).toMatchObject({ status, connection: false, accepted: false });
        expect(error.message).toMatch(new RegExp(` answered ${status}\\b`));
        expect([server.requests.length, errors, usdUncertain]).toEqual([1, 1, 0]);
      }),
    );
  });

  test("the words of a refusal arrive, also where its body never ends behind them", async () => {
    await using server = await httpServer((response) =>
      drip(response.writeHead(400), '{"error":{"message":"no such thing"}}'),
    );
    expect(await rejection(sendTo(format.model(server.url)))).toMatchObject({
      message: expect.stringContaining("no such thing"),
    });
  });

  test("a server that says no before it has read the request is heard", async () => {
    await using server = await rawServer((socket) => {
      socket.once("data", () => {
        socket.end("HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\ncontent-length: 8\r\n\r\ntoo much");
      });
    });
    const text = "x".repeat(20_000_000);
    const error = await rejection(sendTo(format.model(server.url), { system: text }));
    expect(error).toMatchObject({ status: 413, message: expect.stringContaining("too much") });
  });

  /** A run that may send its request three times; what it was told of. */
  async function failedRun(url: string) {
    const program = new LLMProgram({
      model: format.model(url),
      parameters: { [format.maxTokens]: 10 },
      pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
      retry: { maxAttempts: 3, initialDelayMs: 0 },
    });
    const proc = await program.start();
    let errors = 0;
    proc.on("api_error", () => void errors++);
    const failure = (await rejection(proc.run("go"))) as { readonly cause: ModelError };
    await proc.close();
    return { error: failure.cause, errors, usdUncertain: proc.usage.usdUncertain };
  }
});
