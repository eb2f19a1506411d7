import type { Prompt } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

async function processOf() {
  return new LLMProgram({ model: scripted([{ text: "seen" }], { repeat: true }) }).start();
}

/** A border post: what plain JavaScript can give. */
const untyped = (prompt: unknown) => prompt as Prompt;

const NO_BASE64 = /^Block 2 of the prompt \((image|file)\) has data that is no base64: .+ Give it in base64, as/;

test("a block without what it needs is refused, by its place and field, before anything is sent", async () => {
  const proc = await processOf();
  const wrong: [block: unknown, message: RegExp][] = [
    ["text", /^Block 2 of the prompt must be an object with a "type", not text\.$/],
    [null, /^Block 2 of the prompt must be an object/],
    [{ text: "x" }, /^Block 2 of the prompt has the type undefined\. There are "text", "image" and "file"\.$/],
    [{ type: "video", url: "https://a/b.mp4" }, /^Block 2 of the prompt has the type video/],
    [{ type: "text" }, /^Block 2 of the prompt \(text\) needs "text", a string, not undefined\.$/],
    [{ type: "text", text: 7 }, /"text", a string, not 7/],
    [
      { type: "image", data: "AAAA" },
      /\(image\) needs a "mediaType" such as "image\/png", or a "url"; .* undefined\.$/,
    ],
    [{ type: "image", mediaType: "png", data: "AAAA" }, /its mediaType is png\.$/],
    [{ type: "image", mediaType: "image/png" }, /\(image\) needs "data", a base64 string, or a "url"; .* undefined\.$/],
    [{ type: "image", mediaType: "image/png", data: Buffer.from("x") }, /its data is an object \(/],
    [
      { type: "image", mediaType: "image/png", data: "data:image/png;base64,AAAA" },
      /leave out what begins with "data:"/,
    ],
    [{ type: "image", url: "b.png" }, /\(image\) needs a whole URL as its "url", such as "https:\/\/…", not b\.png\.$/],
    [{ type: "image", url: "data:;base64,AAAA" }, /needs a data: URL such as/],
    [{ type: "image", url: "data:image/png;base64" }, /needs a data: URL such as/],
    [
      { type: "file", data: "AAAA" },
      /\(file\) needs a "mediaType" such as "image\/png"; its mediaType is undefined\.$/,
    ],
    [{ type: "file", mediaType: "text/csv", data: "" }, /\(file\) needs "data", a base64 string; its data is ""\.$/],
    [{ type: "file", mediaType: "text/csv", data: "AAAA", name: 1 }, /needs a string as its "name", not 1/],
  ];
  for (const data of ["not base64!", "QUJD*", "QUI", "QQ=", "QU=J", "é", "=", "QUJD-_8="]) {
    wrong.push([{ type: "image", mediaType: "image/png", data }, NO_BASE64]);
    wrong.push([{ type: "file", mediaType: "application/pdf", data }, NO_BASE64]);
    wrong.push([{ type: "image", url: `data:image/png;base64,${data}` }, NO_BASE64]);
  }
  for (const url of ["javascript:alert(1)", "file:///etc/passwd", "blob:https://a/b", "ftp://a/b.png", "about:blank"]) {
    wrong.push([
      { type: "image", url },
      /\(image\) is at .+, where no API can look\. Give a URL that begins with https/,
    ]);
  }
  for (const [block, message] of wrong) {
    const run = proc.run(untyped([{ type: "text", text: "Look." }, block]));
    await expect(run).rejects.toMatchObject({ code: "run_invalid", message: expect.stringMatching(message) });
  }
  expect(proc.messages).toEqual([]);
  expect((await proc.run("Still there?")).lastMessage).toBe("seen");
});

test("blanks and line breaks within base64 are taken out", async () => {
  const proc = await processOf();
  const pdf = Buffer.from("x".repeat(100)).toString("base64");
  await proc.run([
    { type: "file", mediaType: "application/pdf", data: pdf.replace(/.{76}/g, "$&\r\n") },
    { type: "image", url: "data:image/png;base64,iVBO%0ARw%3D%3D" },
  ]);
  expect(proc.messages[0]?.content).toEqual([
    { type: "file", mediaType: "application/pdf", data: pdf },
    { type: "image", mediaType: "image/png", data: "iVBORw==" },
  ]);
});

test("an image at a data: URL is in the conversation as its data", async () => {
  const proc = await processOf();
  await proc.run([
    { type: "image", url: "data:image/png;base64,iVBORw==" },
    { type: "image", url: "DATA:image/svg+xml;charset=utf-8,%3Csvg/%3E" },
    { type: "image", url: "https://example.org/b.png" },
  ]);
  expect(proc.messages[0]?.content).toEqual([
    { type: "image", mediaType: "image/png", data: "iVBORw==" },
    { type: "image", mediaType: "image/svg+xml", data: Buffer.from("<svg/>").toString("base64") },
    { type: "image", url: "https://example.org/b.png" },
  ]);
});

test("an image with data and an undefined url is one with data", async () => {
  const proc = await processOf();
  await proc.run(untyped([{ type: "image", url: undefined, mediaType: "image/png", data: "AAAA" }]));
  const [block] = proc.messages[0]?.content ?? [];
  expect(block).toEqual({ type: "image", mediaType: "image/png", data: "AAAA" });
  expect(Object.keys(block ?? {})).not.toContain("url");
});

test.each([[" "], [""], ["\n", " "]])(
  "a prompt of blocks with nothing but blank text (%j, …) is none",
  async (...texts) => {
    const proc = await new LLMProgram({ model: scripted([{ text: "x" }]) }).start();
    const blocks = texts.map((text) => ({ type: "text" as const, text }));
    await expect(proc.run(blocks)).rejects.toMatchObject({ code: "run_invalid" });
    expect(proc.messages).toEqual([]);
    const messages = [{ role: "user" as const, content: blocks }];
    const starting = (async () => new LLMProgram({ model: scripted([]) }).start({ messages }))();
    await expect(starting).rejects.toMatchObject({ code: "conversation_invalid" });
  },
);
