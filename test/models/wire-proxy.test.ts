import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { rawServer } from "../support/raw-server.ts";

/** What a request says that goes out through a proxy which the environment names. */
async function saidThrough(proxy: string, baseURL: string): Promise<unknown> {
  const script = `
    const { openaiCompatible } = await import(${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)});
    const model = openaiCompatible({ name: "m", baseURL: ${JSON.stringify(baseURL)} });
    const messages = [{ role: "user", content: [{ type: "text", text: "x" }] }];
    const conversation = { system: "", messages, tools: [], parameters: {}, depth: 0 };
    const io = { signal: new AbortController().signal, beforeSend() {}, onText() {} };
    await model.send(conversation, io).catch(({ status, connection, message }) =>
      console.log(JSON.stringify({ status, connection, message })));
  `;
  const env = { PATH: process.env.PATH, NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  const args = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e"];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, script], { env });
  return JSON.parse(stdout);
}

const REFUSED = {
  status: 407,
  connection: false,
  message: expect.stringContaining("A proxy on the way wants a name and a password"),
};

test("a proxy that wants to know who asks has refused; the name and password of its address reach it", async () => {
  await using proxy = await httpServer((response) => void response.writeHead(407).end("who are you?"));
  const address = proxy.url.replace("//", "//me:pass@");
  expect(await saidThrough(address, "http://example.test/v1")).toEqual(REFUSED);
  const [request] = proxy.requests;
  expect(request?.url).toBe("http://example.test/v1/chat/completions");
  expect(request?.headers["proxy-authorization"]).toBe(`Basic ${Buffer.from("me:pass").toString("base64")}`);
});

test("a proxy that opens no way to a server of https has refused, too", async () => {
  const answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
  await using proxy = await rawServer((socket) => void socket.once("data", () => socket.end(answer)));
  expect(await saidThrough(proxy.url, "https://example.test/v1")).toEqual(REFUSED);
});
