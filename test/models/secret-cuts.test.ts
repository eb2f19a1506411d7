import { describe, expect, test, vi } from "vitest";
import { createModel } from "../../src/models/create-model.ts";
import { chatVoice } from "../support/chat-server.ts";
import { RARE_SPELLINGS } from "../support/spellings.ts";
import { wireServer } from "../support/wire-server.ts";
import { chatWire } from "./chat-kind.ts";
import { rejection, sendTo } from "./conformance.ts";

const KEY = "sk-abcdefghijkl0123456789wxyz";
const HOOK = "https://hooks.example.com/T000/0123456789";
const TEAM = "research-team-7-of-42";

/** What a server says of them, and what is seen of that. */
const CUT: Readonly<Record<string, string>> = {
  'Incorrect API key: "sk-abcdefgh..."': 'Incorrect API key: "[secret]..."',
  'the key "sk-abcdefgh"': 'the key "[secret]"',
  "the key 'sk-abcdefgh0": "the key 'sk-abcdefgh0",
  "the key sk-abcdefgh is wrong": "the key [secret] is wrong",
  "the key sk-abcdefgh *** is wrong": "the key [secret] *** is wrong",
  "the key sk-abcdefgh[truncated] is wrong": "the key [secret][truncated] is wrong",
  "the key sk-ab…wxyz is wrong": "the key [secret] is wrong",
  "the key sk-ab****************wxyz.": "the key [secret].",
  "the key SK-AB...WXYZ.": "the key [secret].",
  "the key sk-abcdefgh<hidden>": "the key [secret]<hidden>",
  "the key sk-abcdefgh&quot; is wrong": "the key [secret]&quot; is wrong",
  [`the key ${Buffer.from(KEY).toString("base64").slice(0, 12)}...`]: "the key [secret]...",
  [`the key ${Buffer.from(KEY).toString("hex").slice(0, 24)}…`]: "the key [secret]…",
  "keys begin with sk-... or sk-ab…": "keys begin with sk-... or sk-ab…",
  "another key is sk-abcdefghzzzzzzzzz": "another key is sk-abcdefghzzzzzzzzz",
  "see https://hooks.example.com/, or ask the research-team, https://…":
    "see https://hooks.example.com/, or ask the research-team, https://…",
  "see https://hooks.example.com/T000/01": "see [secret]",
  "ask research-team-7.": "ask [secret].",
};

const headers = { "x-hook": HOOK, "x-door": TEAM };

function modelAt(url: string) {
  vi.stubEnv("SECRET_CUTS_KEY", KEY);
  const named = { provider: "openai_compatible", name: "m", apiKeyEnv: "SECRET_CUTS_KEY", headers };
  return createModel({ ...named, baseUrl: `${url}/v1` });
}

describe("of a secret that comes back cut, the beginning is not seen, and no word that only looks like it is lost", () => {
  test("in an error", async () => {
    const answers = Object.keys(CUT).map((message) => ({ status: 400, raw: JSON.stringify({ error: { message } }) }));
    await using server = await wireServer(chatVoice, answers);
    const model = modelAt(server.url);
    for (const shown of Object.values(CUT)) {
      const error = await rejection(sendTo(model));
      expect.soft(String(error)).toContain(`: ${shown}`);
    }
  });

  test("in a reply, in pieces of any length", async () => {
    const text = Object.keys(CUT).join(" ; ");
    const shown = Object.values(CUT).join(" ; ");
    const lengths = [1, 2, 3, 5, 8, 13, 1000];
    const answers = lengths.map((pieceLength) => ({ message: chatWire.toScript({ text }), pieceLength }));
    await using server = await wireServer(chatVoice, answers);
    const model = modelAt(server.url);
    for (const length of lengths) {
      const { reply, pieces } = await sendTo(model);
      expect.soft(reply.texts, `whole, ${length}`).toEqual([shown]);
      expect.soft(pieces.join(""), `streamed, ${length}`).toBe(shown);
    }
  });
});

test("a secret is not seen in capitals, in hexadecimal, or with what breaks lines and words within it", async () => {
  const spelled = Object.values(RARE_SPELLINGS).flatMap((spell) => [spell(KEY), spell(HOOK), spell(TEAM)]);
  const lengths = [1, 4, 1000];
  const said = spelled.join(" , ");
  const answers = lengths.map((pieceLength) => ({ message: chatWire.toScript({ text: `${said} .` }), pieceLength }));
  const errors = spelled.map((text) => ({ status: 400, raw: JSON.stringify({ error: { message: `no ${text}` } }) }));
  await using server = await wireServer(chatVoice, [...answers, ...errors]);
  const model = modelAt(server.url);
  const shown: string[] = [];
  for (const length of lengths) {
    const { reply, pieces } = await sendTo(model);
    shown.push(...reply.texts);
    expect.soft(pieces.join(""), `in pieces of ${length}`).toBe(reply.texts[0]);
  }
  for (const _ of errors) shown.push(String(await rejection(sendTo(model))));
  for (const text of shown) {
    expect
      .soft(
        spelled.filter((secret) => text.includes(secret.slice(8, 20))),
        text,
      )
      .toEqual([]);
    // Of base64, what is before and behind is not the secret's.
    expect.soft(text.replaceAll("[secret]", "").length, text).toBeLessThan(said.length / 8);
  }
});
