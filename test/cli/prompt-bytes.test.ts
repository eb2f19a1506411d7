import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, test } from "vitest";
import { sampleOf } from "../support/sample.ts";
import { COMMAND, folder, llmproc, program } from "./command.ts";

const echo = 'export default { run_start(proc, prompt) { console.error("prompt=" + JSON.stringify(prompt)); } };';
const files = { "hello.toml": program('text = "Hello."'), "echo.mjs": echo };
const SAYS = ["hello.toml", "-q", "--callback", "echo.mjs"];

const utf16 = (text: string) => Buffer.from(text, "utf16le");
const WAYS = [
  ["on stdin", (bytes: Buffer) => llmproc(SAYS, { cwd: folder(files), stdin: bytes })],
  ["file p.txt", (bytes: Buffer) => llmproc([...SAYS, "-f", "p.txt"], { cwd: folder({ ...files, "p.txt": bytes }) })],
] as const;

const REFUSED: readonly (readonly [what: string, bytes: Buffer, says: string])[] = [
  ["in Latin-1", Buffer.from("Schöne\nGrüße", "latin1"), "It is not UTF-8 text, see byte 3 (0xF6)"],
  ["cut within a character", Buffer.from("line\nGrü").subarray(0, 8), "It is not UTF-8 text, see byte 7 (0xC3)"],
  [
    "with a real replacement character before the wrong byte",
    Buffer.concat([Buffer.from("a \uFFFD b\n"), Buffer.from([0xff])]),
    "It is not UTF-8 text, see byte 8 (0xFF)",
  ],
  [
    "of UTF-16 by its mark",
    Buffer.concat([Buffer.from([0xff, 0xfe]), utf16("Grüße")]),
    "It is UTF-16LE text, not UTF-8",
  ],
  [
    "of UTF-16, high byte first",
    Buffer.concat([Buffer.from([0xfe, 0xff]), utf16("Hi").swap16()]),
    "It is UTF-16BE text",
  ],
  ["of UTF-16 without a mark", utf16("What is in here?\n"), "It is UTF-16LE text, not UTF-8, see byte 0 (0x57)"],
  ["of UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x48, 0, 0, 0]), "It is UTF-32LE text"],
  ["with a NUL", Buffer.from("a long enough line\0"), "It has a NUL character, see byte 18 (0x00)"],
];

for (const [where, given] of WAYS) {
  const refused = where === "on stdin" ? sampleOf(REFUSED, 5) : sampleOf(REFUSED, 2);
  test.for(refused)(`a prompt ${where} %s is refused in one line that says why and where`, async ([, bytes, says]) => {
    const { code, stdout, stderr } = await given(bytes);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.split("\n")[0]).toContain(`error: The prompt ${where} cannot be used: ${says}`);
  });

  test.for<[what: string, bytes: Buffer, prompt: string]>([
    ["a byte order mark is dropped", Buffer.from("\uFEFFGrüße 漢字 👍"), "Grüße 漢字 👍"],
    ["a replacement character that was written is one", Buffer.from("What is \uFFFD?"), "What is \uFFFD?"],
  ])(`%s, ${where}`, async ([, bytes, prompt]) => {
    const { code, stderr } = await given(bytes);
    expect([code, stderr]).toEqual([0, `prompt=${JSON.stringify(prompt)}\n`]);
  });
}

test.runIf(process.platform === "linux").for([
  ["caf\\351", 2, "error: The prompt of -p cannot be used: It is not UTF-8 text, see character 3."],
  ["caf\\357\\277\\275", 0, 'prompt="caf\uFFFD"'],
] as const)("what the shell has made of %s for -p ends with %i", ([octal, code, says]) => {
  const quoted = [...COMMAND, ...SAYS].map((word) => `'${word}'`).join(" ");
  const ended = spawnSync("sh", ["-c", `${quoted} -p "$(printf '${octal}')"`], {
    cwd: folder(files),
    encoding: "utf8",
  });
  expect([ended.status, ended.stderr.split("\n")[0]]).toEqual([code, says]);
});
