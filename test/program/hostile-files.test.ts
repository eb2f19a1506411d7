import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { ProgramError } from "../../src/program/program-error.ts";
import { howMany, sampleOf } from "../support/sample.ts";
import { complaint, MODEL, programErrorOf, programFiles } from "./program-files.ts";
import { seededMutations } from "./seeded-mutations.ts";

/** Of this process, in milliseconds: what other processes of the machine do is not in it. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const filled = (text: string, bytes: number) => text.repeat(Math.floor(bytes / text.length));
const numbered = (line: (index: number) => string, bytes: number) => {
  let text = "";
  for (let index = 0; text.length < bytes; index++) text += line(index);
  return text.slice(0, text.lastIndexOf("\n", bytes - 100) + 1);
};
const MB = 1_000_000;
const YAML_MODEL = "model: { name: m, provider: openai }\n";

const LARGE: readonly (readonly [what: string, text: string, ending: "toml" | "yaml", message: string])[] = [
  ["50 MB", filled("# comment\n", 50 * MB), "toml", "more than 1048576 bytes"],
  ["a million open lists", `a = ${filled("[", MB)}`, "toml", "nested"],
  ["lists 10,000 deep", `${MODEL}[parameters]\na = ${filled("[", 10_000)}${filled("]", 10_000)}`, "toml", "nested"],
  [
    "a dotted key 10,000 deep",
    `${MODEL}[parameters]\n${filled("a.", 20_000)}a = 1`,
    "toml",
    "[parameters] a.a is nested more than 64",
  ],
  ["a dotted key 500,000 deep", `${filled("a.", MB)}a = 1`, "toml", "nested more than 64"],
  ["a dotted section", `[${filled("a.", MB)}a]`, "toml", "nested more than 64"],
  ["100,000 keys", numbered((index) => `k${index} = 1\n`, MB), "toml", "more than 50000 keys and values"],
  ["100,000 tables", `${MODEL}${filled("[[demo]]\n", MB - 200)}`, "toml", "more than 50000 keys and values"],
  ["20,000 unknown keys", numbered((index) => `k${index} = 1\n`, 200_000), "toml", "… and at least 80 more."],
  ["30 unknown keys", Array.from({ length: 30 }, (_, index) => `k${index} = 1\n`).join(""), "toml", "\n… and 11 more."],
  ["40,000 tables", `${MODEL}${filled("[[demo]]\n", 360_000)}`, "toml", "[demo]: found a list"],
  ["a key of a million letters", `${MODEL}${filled("x", MB - 200)} = 1`, "toml", "is not a known key"],
  ["a million open flow lists", filled("[", MB), "yaml", "nested more than 64"],
  ["a million open flow maps", filled("{", MB), "yaml", "nested more than 64"],
  ["a million compact items", filled("- ", MB), "yaml", "nested more than 64"],
  ["a million explicit keys", filled("? ", MB), "yaml", "nested more than 64"],
  ["a million compact maps", filled("a: ", MB), "yaml", "This is not valid YAML"],
  ["a million anchors", filled("&a ", MB), "yaml", "more than 50000 tokens"],
  ["a million quotes", filled('"', MB), "yaml", "more than 50000 tokens"],
  ["a million directives", filled("%a\n", MB), "yaml", "more than 50000 tokens"],
  ["a hundred thousand keys", numbered((index) => `k${index}: 1\n`, MB), "yaml", "more than 50000 tokens"],
  [
    "ten thousand keys",
    `${YAML_MODEL}${numbered((index) => `k${index}: 1\n`, 60_000)}`,
    "yaml",
    "… and at least 80 more.",
  ],
  ["aliases that multiply", `${YAML_MODEL}${bomb(9)}`, "yaml", "holds too much: aliases multiply it without end"],
  ["aliases that multiply slowly", `${YAML_MODEL}parameters:\n${slowBomb()}`, "yaml", "holds too much"],
  ["maps that merge all before", `${YAML_MODEL}parameters:\n${merges(1_500)}`, "yaml", "merges more than 50000 keys"],
  ["a tag of a million letters", `${YAML_MODEL}a: !${filled("x", MB)} 1\n`, "yaml", "Unresolved tag: !xxx"],
  ["a million blank lines", `${YAML_MODEL}a: >\n  x\n${filled("\n", MB)}  y\n`, "yaml", "more than 100000 lines"],
  ["an alias of itself", "parameters: &a\n  b: *a\n", "yaml", "nested more than 64"],
];

function bomb(levels: number): string {
  let text = "a0: &a0 [x, x]\n";
  for (let level = 1; level <= levels; level++) {
    text += `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ")}]\n`;
  }
  return text;
}

/** Each takes over all keys of the one before. */
function merges(count: number): string {
  const map = (index: number) =>
    `  a${index}: &a${index} { k${index}: 1${index === 0 ? "" : `, <<: *a${index - 1}`} }\n`;
  return Array.from({ length: count }, (_item, index) => map(index)).join("");
}

/** Each alias is used less than a hundred times, and yet they come to a million values. */
function slowBomb(): string {
  const items = (text: string, count: number) => `[${Array.from({ length: count }, () => text).join(", ")}]`;
  return `  a: &a ${items("x", 12_000)}\n  b: ${items("*a", 90)}\n`;
}

describe("a file that is made to be slow is refused within a second", () => {
  test.each(sampleOf(LARGE, 10))("%s", (_what, text, ending, message) => {
    let said = "";
    expect(cpuMs(() => (said = complaint(text, ending)))).toBeLessThan(1000);
    expect(said).toContain(message);
    expect(said.length).toBeLessThan(5000);
  });
});

describe("a file that is no text is refused", () => {
  test("a NUL", () => {
    expect(complaint(`${MODEL}# \0\n`)).toBe("FILE:4:3: It has a NUL character here.");
  });
  test("a NUL by escape, in a path", () => {
    expect(complaint(`${MODEL}[prompt]\nsystem_prompt_file = "a\\u0000b"\n`)).toContain(
      "FILE:5:1: [prompt] system_prompt_file",
    );
  });
  test("bytes that are not UTF-8", () => {
    expect(complaint(Buffer.concat([Buffer.from(MODEL), Buffer.from([0x23, 0xff])]))).toBe(
      "FILE:4:2: It is not UTF-8 text.",
    );
  });
  test("nothing", () => {
    expect(complaint("")).toBe("FILE:1:1: [model] is missing, expected a table with provider.");
    expect(complaint("", "yaml")).toBe("FILE:1:1: [model] is missing, expected a table with provider.");
  });
});

describe("a path that is no program file is refused, and never waited for", () => {
  const said = (path: unknown) => programErrorOf(() => LLMProgram.fromToml(path as string)).message;
  test("missing, a directory, a device, a pipe, a loop of links", () => {
    using files = programFiles();
    execFileSync("mkfifo", [files.path("pipe")]);
    symlinkSync(files.path("loop"), files.path("loop"));
    expect(said(files.path("none.toml"))).toBe(`${files.path("none.toml")}: There is no such file.`);
    expect(said(files.directory)).toBe(`${files.directory}: It is a directory, not a file.`);
    expect(said("/dev/zero")).toBe("/dev/zero: It is not a regular file.");
    expect(said(files.path("pipe"))).toBe(`${files.path("pipe")}: It is not a regular file.`);
    expect(said(files.path("loop"))).toBe(`${files.path("loop")}: It is a link that leads back to itself.`);
  });
  test("no path at all", () => {
    expect(said(undefined)).toBe("A program file is named by its path or file: URL, found undefined.");
    expect(said("a\0b")).toContain("A program file is named by its path");
  });
});

test("a prompt file may be anywhere, but is a regular file of bounded size", () => {
  using files = programFiles({ "prompt.md": "up here", "large.md": filled("x", 2 * MB) });
  const program = (path: string) => files.write("a/b/p.toml", `${MODEL}[prompt]\nsystem_prompt_file = "${path}"\n`);
  expect(LLMProgram.fromToml(program("../../prompt.md")).systemPrompt).toBe("up here");
  const said = (path: string) => programErrorOf(() => LLMProgram.fromToml(program(path))).message;
  expect(said("/dev/zero")).toContain(":5:1: [prompt] system_prompt_file names /dev/zero. It is not a regular file.");
  expect(said("../../large.md")).toContain("more than 1048576 bytes");
});

test("of thousands of mistakes the first hundred are named", () => {
  const unknown = Array.from({ length: 5000 }, (_, index) => `"nope${index}"`).join(", ");
  using files = programFiles({ "p.toml": `${MODEL}[tools]\nbuiltin = [${unknown}]\n` });
  const { message, problems } = programErrorOf(() => LLMProgram.fromToml(files.path("p.toml")));
  expect(message).toContain("nope0");
  expect(message.split("\n")).toHaveLength(21);
  expect(problems).toHaveLength(100);
});

describe("__proto__ reaches no prototype", () => {
  const POISON: readonly (readonly [text: string, ending: "toml" | "yaml"])[] = [
    [`${MODEL}[parameters]\n__proto__ = { polluted = true }\n`, "toml"],
    [`${MODEL}[__proto__]\npolluted = true\n`, "toml"],
    [`${MODEL}[parameters.__proto__.x]\npolluted = true\n`, "toml"],
    [`${MODEL}[linked_programs]\n"__proto__" = { path = "program.toml" }\n`, "toml"],
    [`${YAML_MODEL}parameters: { __proto__: { polluted: true } }\n`, "yaml"],
    [`${YAML_MODEL}parameters:\n  <<: { __proto__: { polluted: true } }\n`, "yaml"],
  ];
  test.each(POISON)("%j", (text, ending) => {
    expect(complaint(text, ending)).toMatch(/__proto__\]? is not allowed as a key: name it otherwise\./);
    expect({}).not.toHaveProperty("polluted");
  });
  test("constructor and toString are keys like others", () => {
    const said = complaint(`${MODEL}constructor = 1\n[toString]\nx = 1\n`);
    expect(said).toContain("FILE:4:1: [model] constructor is not a known key.");
    expect(said).toContain("FILE:5:2: [toString] is not a known section.");
  });
});

test("programs that link each other load, each once", async () => {
  using files = programFiles({
    "a.toml": `${MODEL}[linked_programs]\nother = "b.yaml"\nself = "a.toml"\n`,
    "b.yaml": "model: { name: m, provider: anthropic }\nlinked_programs: { back: a.toml }\n",
  });
  const a = await LLMProgram.fromToml(files.path("a.toml")).toProcessProgram();
  const b = await a.loadLinked("other");
  const backFromB = await b.loadLinked("back");
  expect(backFromB.name).toBe("a");
  expect(await backFromB.loadLinked("other")).toBe(b);
  expect(await a.loadLinked("self")).toBe(backFromB);
});

describe("damaged files each load or throw a ProgramError", () => {
  test.each(["toml", "yaml"] as const)("%s", (ending) => {
    using folder = programFiles({ "s.md": "s", "e.toml": MODEL, "m.js": "export default () => {};" });
    const outcomes = { loaded: 0, refused: 0 };
    let slowestMs = 0;
    const files = howMany(200, 1500);
    for (const text of seededMutations(ending, files)) {
      const file = folder.write(`p.${ending}`, text);
      const load = () => {
        try {
          LLMProgram.fromFile(file);
          outcomes.loaded++;
        } catch (error) {
          if (!(error instanceof ProgramError)) throw new Error(`Not a ProgramError, for:\n${text}`, { cause: error });
          expect(error.message).toMatch(/^\S/);
          outcomes.refused++;
        }
      };
      slowestMs = Math.max(slowestMs, cpuMs(load));
    }
    expect(slowestMs).toBeLessThan(1000);
    // A corpus that never loads, or always does, would test nothing.
    expect(outcomes.loaded).toBeGreaterThan(files / 15);
    expect(outcomes.refused).toBeGreaterThan(files / 15);
  });
});
