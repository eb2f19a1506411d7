import type { JsonObject } from "llmproc";
import { LLMProgram, RunError } from "llmproc";
import { expect, test } from "vitest";
import { KINDS, kindNamed, led, scriptedConversation, weather, wentOn } from "./kinds.ts";

/*
 * A conversation that began with one provider goes on with another: every pair of formats, against what the other's
 * vendor refuses. What was said stands in the body, in its order.
 */

const CALLS = [
  { id: "call00001", name: "weather", args: { city: "Oslo" } },
  { id: "call00002", name: "weather", args: { city: "Zürich" } },
];
const NAMES = Object.keys(KINDS);
const SAID = ["What is the weather?", "I look.", "Oslo: rain", "Zürich: rain", "It rains.", "Go on."];

for (const from of NAMES) {
  for (const to of NAMES) {
    test(`what ${from} began, ${to} goes on with`, async () => {
      const thinking = from === "google" || from === "mistral" || from === "bedrock" ? {} : { thinking: "Two cities." };
      const messages = await led(kindNamed(from).kind, [
        { ...thinking, text: "I look.", toolCalls: CALLS },
        { text: "It rains." },
      ]);
      const body = await wentOn(kindNamed(to).kind, messages);
      expect(kindNamed(to).problems(body)).toEqual([]);
      expectInOrder(textOf(body), SAID);
      expect(argumentsIn(body)).toEqual(["Oslo", "Zürich"]);
    });
  }
}

for (const to of NAMES) {
  test(`what a scripted model began, ${to} goes on with`, async () => {
    const body = await wentOn(kindNamed(to).kind, await scriptedConversation());
    expect(kindNamed(to).problems(body)).toEqual([]);
    expectInOrder(textOf(body), ["What is the weather?", "I look.", "Rome: rain", "It rains.", "Go on."]);
  });

  test(`a conversation that was cut behind a call, or within a reply, ${to} goes on with`, async () => {
    const messages = await led(kindNamed("anthropic").kind, [
      { text: "I look.", toolCalls: CALLS },
      { text: "It rains." },
    ]);
    const cut = [...messages.slice(0, 2), { role: "user", content: [{ type: "text", text: "Well?" }] } as const];
    const body = await wentOn(kindNamed(to).kind, cut);
    expect(kindNamed(to).problems(body)).toEqual([]);
    expect(textOf(body).match(/interrupted/g)).toHaveLength(2);
    const broken = await led(kindNamed("openai").kind, [{ text: "I look for it.", breaksAfter: 8 }]);
    expect(broken.at(-1)).toMatchObject({ role: "assistant", interrupted: true });
    const after = await wentOn(kindNamed(to).kind, broken);
    expect(kindNamed(to).problems(after)).toEqual([]);
    expect(textOf(after)).toContain("I look f");
  });

  test(`ids of calls that ${to} would refuse, and ids that come again, are told apart`, async () => {
    const odd = [
      { id: "functions.weather:0", name: "weather", args: { city: "Oslo" } },
      { id: "functions weather:0", name: "weather", args: { city: "Zürich" } },
    ];
    for (const from of ["chat", "anthropic", "openai"]) {
      const replies = [{ toolCalls: odd }, { toolCalls: odd }, { text: "It rains." }];
      const body = await wentOn(kindNamed(to).kind, await led(kindNamed(from).kind, replies));
      expect(kindNamed(to).problems(body)).toEqual([]);
      expect(argumentsIn(body)).toEqual(["Oslo", "Zürich", "Oslo", "Zürich"]);
    }
  });
}

/** What models call that there is not, and servers hand on. */
const ODD_NAMES = [
  "functions.weather:0",
  "functions_weather_0",
  "functions weather 0",
  "天气",
  "天氣",
  "7.up",
  `${"x".repeat(140)}1`,
  `${"x".repeat(140)}2`,
];

for (const to of NAMES) {
  test(`names of tools that ${to} would refuse become others, each its own, in calls and results`, async () => {
    const toolCalls = ODD_NAMES.map((name, place) => ({ id: `call0000${place}`, name, args: {} }));
    for (const from of ["chat", "anthropic", "openai", "mistral"]) {
      const messages = await led(kindNamed(from).kind, [{ toolCalls }, { toolCalls }, { text: "None." }]);
      const body = await wentOn(kindNamed(to).kind, messages);
      expect(kindNamed(to).problems(body)).toEqual([]);
      const said = [...JSON.stringify(body).matchAll(/"(?:name|toolName)":"([^"]+)"/g)].map(([, name]) => name);
      const names = said.filter((name) => name !== "weather");
      expect(new Set(names).size).toBe(ODD_NAMES.length);
      expect(names).toContain("functions_weather_0");
      expect(names.length % (2 * ODD_NAMES.length)).toBe(0);
    }
  });
}

test("an id of more than 40 characters is another one for Chat Completions, which refuses it", async () => {
  const call = { id: `toolu_${"x".repeat(50)}`, name: "weather", args: { city: "Oslo" } };
  const messages = await led(kindNamed("anthropic").kind, [{ toolCalls: [call] }, { text: "It rains." }]);
  const body = JSON.stringify(await wentOn(kindNamed("chat").kind, messages));
  const ids = [...body.matchAll(/"(?:tool_call_)?id":"([^"]+)"/g)].map(([, id]) => id);
  expect(ids).toHaveLength(2);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]?.length).toBeLessThanOrEqual(40);
});

test("pictures and files of prompts go along to every provider that takes them", async () => {
  const picture = { type: "image", mediaType: "image/png", data: "iVBORw0KGgo=" } as const;
  const messages = [
    { role: "user", content: [picture, { type: "text", text: "What is this?" }] },
    { role: "assistant", content: [{ type: "text", text: "A dot." }], text: "A dot." },
  ] as const;
  for (const to of NAMES) {
    const body = await wentOn(kindNamed(to).kind, messages);
    expect(kindNamed(to).problems(body)).toEqual([]);
    expect(JSON.stringify(body)).toContain("iVBORw0KGgo=");
  }
});

const ELSEWHERE: readonly (readonly [type: string, block: JsonObject])[] = [
  ["server_tool_use", { type: "server_tool_use", id: "s1", name: "web_search", input: {} }],
  ["image_generation_call", { type: "image_generation_call", id: "ig_1", result: "iVBORw0KGgo=" }],
  ["file", { type: "file", mediaType: "image/png", data: "iVBORw0KGgo=" }],
  ["audio", { role: "assistant", content: null, audio: { id: "audio_1" } }],
];

for (const [type, block] of ELSEWHERE) {
  test(`a block of type "${type}" goes back to its own API, and is refused by name where another would get it`, async () => {
    const text = { role: "assistant", content: [block], text: "" } as const;
    const messages = [{ role: "user", content: [{ type: "text", text: "hi" }] } as const, text];
    const outcomes = await Promise.all(
      ["anthropic", "openai", "chat", "google"].map(async (to) => {
        const asked = await wentOn(kindNamed(to).kind, messages).catch((error: unknown) => error);
        if (!(asked instanceof RunError)) return "sent";
        expect(asked.message).toContain(`a "${type}" block`);
        expect(asked.cause).toMatchObject({ code: "conversation_invalid" });
        expect(asked.result).toMatchObject({ stopReason: "api_error", apiCalls: 0 });
        return "refused";
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "sent")).toHaveLength(1);
  });
}

test("what a model only thought stays behind, and its words go on", async () => {
  const messages = await led(kindNamed("anthropic").kind, [{ thinking: "Secretly.", text: "It rains." }]);
  for (const to of NAMES.filter((name) => name !== "anthropic" && name !== "vertex")) {
    const body = textOf(await wentOn(kindNamed(to).kind, messages));
    expect(body).toContain("It rains.");
    expect(body).not.toContain("Secretly.");
  }
});

test("a message that is converted is the same in each request, so that it can be cached", async () => {
  const messages = await led(kindNamed("openai").kind, [{ toolCalls: CALLS }, { text: "It rains." }]);
  const { kind } = kindNamed("anthropic");
  await using opened = await kind.open([
    { toolCalls: [{ id: "toolu_3", name: "weather", args: {} }] },
    { text: "Done." },
  ]);
  const proc = await new LLMProgram({ model: opened.model, tools: [weather] }).start({ messages });
  const payloads: JsonObject[] = [];
  proc.on("api_request", (payload) => payloads.push(payload));
  await proc.run("Again.");
  const [first, second] = payloads.map((payload) => payload.messages as readonly unknown[]);
  for (const [place, message] of first?.entries() ?? []) expect(second?.[place]).toEqual(message);
  expect(second?.[1]).toBe(first?.[1]);
});

/** All texts of a body, as JSON shows them. */
function textOf(body: object): string {
  return JSON.stringify(body);
}

function expectInOrder(text: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const place = text.indexOf(part, from);
    if (place === -1) expect.fail(`"${part}" is missing, or not in its place, in ${text}`);
    from = place + part.length;
  }
}

/** The cities asked for, whether arguments go as JSON or as a text of it. */
function argumentsIn(body: object): string[] {
  return [...JSON.stringify(body).matchAll(/\\?"city\\?":\\?"([^"\\]+)/g)].map(([, city = ""]) => city);
}
