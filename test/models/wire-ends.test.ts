import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import { FORMATS } from "../process/formats.ts";
import { drip, httpServer } from "../support/http-server.ts";
import { rejection, sendTo } from "./conformance.ts";

// Once a reply is whole, nothing that still comes, or does not, holds it up.

const TEXT = "All is said.";
const SIGNS = [": ping\n\n", "\n", "event: ping\ndata: {}\n\n", 'event: ping\ndata: {"type":"ping"}\n\n', "data:\n\n"];

describe.each(FORMATS)("$name", (format) => {
  const script = format.toScript({ text: TEXT });
  const stream = format.encode(format.events(script));
  const whole = async () => {
    await using server = await format.serve(() => ({ message: script }));
    return (await fetch(`${server.url}/v1/x`, { method: "POST", body: "{}" })).text();
  };

  test.each(SIGNS)("signs of life behind a whole reply, without end: %j", async (sign) => {
    await using server = await httpServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(stream);
      return drip(response, sign);
    });
    const { reply } = await sendTo(format.model(server.url));
    expect(reply.texts).toEqual([TEXT]);
  });

  test("signs of life behind the reason to stop, without end, where the end of the stream never comes", async () => {
    const place = Math.max(stream.lastIndexOf("event: message_stop"), stream.lastIndexOf("data: [DONE]"));
    await using server = await httpServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(place === -1 ? stream : stream.slice(0, place));
      return drip(response, ": ping\n\n");
    });
    const { reply } = await sendTo(format.model(server.url));
    expect(reply.texts).toEqual([TEXT]);
    expect(reply.usage).toBeDefined();
  });

  test("a whole answer that is not streamed, and blanks behind it without end, or nothing", async () => {
    const body = await whole();
    for (const sign of [" ", "\n", ""]) {
      await using server = await httpServer((response) => {
        response.writeHead(200, { "content-type": "application/json" }).write(body);
        return sign === "" ? undefined : drip(response, sign);
      });
      const { reply } = await sendTo(format.model(server.url), { parameters: { stream: false } });
      expect(reply.texts).toEqual([TEXT]);
    }
  });

  test("blanks before an answer that is not streamed only say that the server is alive", async () => {
    const body = await whole();
    await using server = await httpServer(async (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (let beat = 0; beat < 15; beat++) {
        response.write(" \n");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      response.end(body);
    });
    const { reply } = await sendTo(format.model(server.url), { parameters: { stream: false } });
    expect(reply.texts).toEqual([TEXT]);
  });

  test("an answer that is shorter than it says is broken, though its JSON is whole", async () => {
    const body = await whole();
    await using server = await httpServer((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) + 20 });
      response.write(body, () => setTimeout(() => response.destroy(), 20));
    });
    const error = await rejection(sendTo(format.model(server.url)));
    expect(error).toMatchObject({ connection: true, accepted: true, status: undefined });
  });

  test("an error behind the reason to stop takes nothing from the reply, and is a line on stderr", async () => {
    const place = Math.max(stream.lastIndexOf("event: message_stop"), stream.lastIndexOf("data: [DONE]"));
    // Responses has nothing between the two.
    if (place === -1) return;
    const late = { type: "error", error: { type: "overloaded_error", message: "too\nlate for test-key" } };
    await using server = await httpServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(`${stream.slice(0, place)}event: error\ndata: ${JSON.stringify(late)}\n\n`);
    });
    const proc = await new LLMProgram({ model: format.model(server.url) }).start();
    expect(await proc.run("Hi.")).toMatchObject({ lastMessage: TEXT, stopReason: "end", apiCalls: 1 });
    expect(proc.stderrLog).toEqual([
      expect.stringMatching(/^The reply counts, .* it told an error: .* \(overloaded_error\): too late for /),
    ]);
    await proc.close();
  });

  test("what comes in the same piece as the end changes nothing", async () => {
    const more = `${stream}data: {not json\n\nevent: error\ndata: late\n\ndata: {"error":{"code":400,"message":"late"}}\n\n`;
    await using server = await httpServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end(stream + more);
    });
    const { reply, pieces } = await sendTo(format.model(server.url));
    expect([reply.texts, pieces.join("")]).toEqual([[TEXT], TEXT]);
  });
});
