import { expect, test } from "vitest";
import { redact } from "../../src/callbacks/redact.ts";
import { shadow } from "../../src/callbacks/shadow.ts";
import { anyTool, recordsOf } from "../process/harness.ts";
import { echo, programOf } from "./program.ts";

const KEY = "sk-4f9c2b71d08e6a35c1f7";
const call = (name: string, args = {}) => ({ toolCalls: [{ name, args }] });

async function readOf(execute: () => unknown, callback = redact([/sk-\w+/]), options = {}) {
  const script = [call("leak"), { text: "done" }];
  const proc = await programOf(script, { tools: [anyTool("leak", execute)], ...options })
    .start()
    .addCallback(callback);
  const records = recordsOf(proc);
  await proc.run("go");
  const message = proc.messages.find(({ role }) => role === "tool");
  const [reply] = message?.role === "tool" ? message.content : [];
  return { reply, said: JSON.stringify([records, proc.messages]) };
}

test.each<readonly [what: string, execute: () => unknown, reads: string]>([
  ["a text", () => `key ${KEY}, again ${KEY}`, "key [redacted], again [redacted]"],
  ["an object", () => ({ key: KEY, n: 1 }), '{"key":"[redacted]","n":1}'],
  ["an error", () => Promise.reject(new Error(`wrong key ${KEY}`)), "wrong key [redacted]"],
  ["nothing of the kind", () => ({ key: "none" }), '{"key":"none"}'],
])("%s", async (what, execute, reads) => {
  const { reply, said } = await readOf(execute);
  expect(reply).toMatchObject({ content: reads, isError: what === "an error" });
  expect(said).not.toContain(KEY);
});

test("a text of several lines is found in JSON as well, and what means something in patterns means itself", async () => {
  const pem = "-----BEGIN (A+B) KEY-----\nabc$1\n-----END-----";
  expect((await readOf(() => ({ pem }), redact([pem]))).reply?.content).toBe('{"pem":"[redacted]"}');
  expect((await readOf(() => `<${pem}>`, redact([pem], { replacement: "$&" }))).reply?.content).toBe("<$&>");
});

test("a long list is still cut by its structure, and no part of a key is left", async () => {
  const rows = Array.from({ length: 3000 }, (_, id) => ({ id, key: KEY }));
  const { reply, said } = await readOf(() => rows, redact([KEY]), { maxToolResultCharacters: 1000 });
  const read = JSON.parse(reply?.content ?? "") as unknown[];
  expect(read.at(-1)).toMatch(/^\[Cut: \d+ more items\]$/);
  expect(said).not.toContain(KEY.slice(0, 12));
});

test("of texts that overlap no part is left, whatever their order, and what stands in their place is not searched again", async () => {
  for (const secrets of [
    ["pass", "password123", "word"],
    ["word", "password123", "pass"],
  ]) {
    expect((await readOf(() => "my password123!", redact(secrets))).reply?.content).toBe("my [redacted]!");
  }
  expect((await readOf(() => "abcdefg", redact(["abcd", "cdef"]))).reply?.content).toBe("[redacted]g");
  expect((await readOf(() => "abc redacted", redact(["abc", "redacted"]))).reply?.content).toBe(
    "[redacted] [redacted]",
  );
  expect((await readOf(() => "a b", redact([/\b/, /a/]))).reply?.content).toBe("[redacted] b");
});

test("a pattern that has been used, or is sticky, finds all of them", async () => {
  const used = /sk-\w+/gy;
  used.lastIndex = 5;
  expect((await readOf(() => `a ${KEY} b ${KEY}`, redact([used]))).reply?.content).toBe("a [redacted] b [redacted]");
});

test("arguments go to the tool without it, where that is asked for", async () => {
  const script = [call("echo", { text: `my key is ${KEY}` }), { text: "done" }];
  const proc = await programOf(script, { tools: [echo] })
    .start()
    .addCallback(redact([/sk-\w+/], { args: true }));
  const replaced: unknown[] = [];
  proc.on("tool_end", (_name, { content }, { replacedArgs }) => void replaced.push(content, replacedArgs));
  await proc.run("go");
  expect(replaced).toEqual(["my key is [redacted]", { text: "my key is [redacted]" }]);
});

test("in shadow it says what it would have replaced, and replaces nothing", async () => {
  const trial = shadow(redact([/sk-\w+/]));
  const script = [call("leak"), { text: "done" }];
  const proc = await programOf(script, { tools: [anyTool("leak", () => KEY)] })
    .start()
    .addCallback(trial);
  await proc.run("go");
  expect(trial.reports.map(({ message }) => message)).toEqual(["would have replaced the result of leak"]);
  expect(JSON.stringify(proc.messages)).toContain(KEY);
});

test.each<readonly [given: unknown, options: object, says: RegExp]>([
  [undefined, {}, /give a list of texts and patterns.*undefined/],
  [[], {}, /give a list/],
  ["sk-", {}, /give a list.*the text "sk-"/],
  [[""], {}, /is no text and no pattern/],
  [[4], {}, /4 is no text and no pattern/],
  [[/x*/], {}, /\/x\*\/ matches an empty text/],
  [[/x/], { replacment: "" }, /replacement/],
  [[/x/], { args: "yes" }, /args must be true or false, not the text "yes"/],
  [[/x/], { replacement: 4 }, /replacement must be a text, not 4/],
])("redact(%j, %j) is refused at once", (given, options, says) => {
  expect(() => redact(given as string[], options)).toThrow(
    expect.objectContaining({ code: "callback_invalid", message: expect.stringMatching(says) }),
  );
});
