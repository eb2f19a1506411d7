import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { anthropicVoice } from "../test/support/anthropic-server.ts";
import { chatVoice } from "../test/support/chat-server.ts";
import { responsesVoice } from "../test/support/responses-server.ts";
import type { WireScript, WireVoice } from "../test/support/wire-server.ts";

// A process of its own, so that what it uses is not counted. Each reply is 50 pieces of text and a call, until the request
// has the results of as many calls as its `x-steps` says.

const TEXT = "A word ".repeat(50);

/** What a format streams, one event at a time, with a call and without. */
function parts<Script extends WireScript>({ events, encode }: WireVoice<Script>, withCall: Script, last: Script) {
  return [last, withCall].map((script) => events(script, 7).map((event) => encode([event])));
}

const args = JSON.stringify({ a: 1, b: 2 });
const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: TEXT }] };
const call = { type: "function_call", call_id: "call_1", name: "add", arguments: args };
const toolCalls = [{ id: "call_1", type: "function", function: { name: "add", arguments: args } }];
const text = { type: "text", text: TEXT };

/** By the end of the path. */
const REPLIES = {
  messages: parts(
    anthropicVoice,
    { content: [text, { type: "tool_use", id: "call_1", name: "add", input: { a: 1, b: 2 } }] },
    { content: [text] },
  ),
  responses: parts(responsesVoice, { output: [said, call] }, { output: [said] }),
  completions: parts(chatVoice, { message: { content: TEXT, tool_calls: toolCalls } }, { message: { content: TEXT } }),
};

/** The result of a call, in a request of each format. */
const RESULT = /"type":"(tool_result|function_call_output)"|"role":"tool"/g;

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (piece: string) => {
    body += piece;
  });
  request.on("end", () => {
    // A border post: nothing else is asked here.
    const path = (request.url ?? "").split("/").at(-1) as keyof typeof REPLIES;
    const isOver = (body.match(RESULT)?.length ?? 0) >= Number(request.headers["x-steps"]);
    const events = (REPLIES[path][isOver ? 0 : 1] ?? []).values();
    response.writeHead(200, { "content-type": "text/event-stream" });
    // As a vendor sends them: each by itself.
    const send = () => {
      const next = events.next();
      if (next.done) return void response.end();
      response.write(next.value);
      setImmediate(send);
    };
    send();
  });
});
server.listen(0, "127.0.0.1", () => {
  // A border post: a server that listens on TCP has such an address.
  process.send?.((server.address() as AddressInfo).port);
});
