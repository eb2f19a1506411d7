import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tool } from "../../src/process/contract/tool.ts";
import { listDir } from "../../src/tools/list-dir.ts";
import { readFile } from "../../src/tools/read-file.ts";
import { howMany } from "../support/sample.ts";
import { toolContext } from "./tool-context.ts";

const SECRET = "the secret of the outside";
const place = realpathSync(mkdtempSync(join(tmpdir(), "llmproc-files-")));
const root = join(place, "root");
const outside = join(place, "outside");
const at = (...parts: string[]) => join(root, ...parts);
const server = createServer();

beforeAll(async () => {
  for (const folder of [at("folder", "deep"), at("empty"), at("many"), outside, join(place, "root-two")]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(at("hello.txt"), "Grüße,\nworld\n");
  writeFileSync(at("folder", "inner.txt"), "inner");
  writeFileSync(at("folder", "swapped.txt"), "inside");
  writeFileSync(at("swapped.txt"), "inside");
  writeFileSync(at("nothing.txt"), "");
  writeFileSync(at(".hidden"), "hidden");
  writeFileSync(at("binary"), Buffer.from([0xff, 0xfe, 0x00, 0x41]));
  writeFileSync(at("zeros"), "a\0b");
  writeFileSync(at("..dots"), "two dots");
  writeFileSync(at("folder", "line\nf forged"), "");
  writeFileSync(join(outside, "secret.txt"), SECRET);
  writeFileSync(join(outside, "swapped.txt"), SECRET);
  writeFileSync(join(place, "root-two", "secret.txt"), SECRET);
  writeFileSync(at("sparse"), "");
  truncateSync(at("sparse"), 2 ** 40);
  writeFileSync(at("large.txt"), "ä".repeat(150_000));
  for (let index = 0; index < 12; index += 1) writeFileSync(at("many", `file-${10 + index}`), "");
  symlinkSync("hello.txt", at("link-in"));
  symlinkSync("folder", at("link-folder"));
  symlinkSync(join(outside, "secret.txt"), at("link-out"));
  symlinkSync(outside, at("link-out-folder"));
  symlinkSync("../outside", at("link-up"));
  symlinkSync("link-out", at("link-to-link"));
  symlinkSync("loop-b", at("loop-a"));
  symlinkSync("loop-a", at("loop-b"));
  symlinkSync("self", at("self"));
  symlinkSync("missing", at("dangling"));
  symlinkSync(join(outside, "missing"), at("dangling-out"));
  symlinkSync("/proc/self/environ", at("environment"));
  symlinkSync("/dev/zero", at("zero"));
  symlinkSync("/", at("top"));
  symlinkSync(root, join(place, "root-link"));
  execFileSync("mkfifo", [at("fifo")]);
  await once(server.listen(at("socket")), "listening");
});

afterAll(() => {
  server.close();
  rmSync(place, { recursive: true, force: true });
});

async function use(tool: Tool, args: Record<string, string | boolean>): Promise<string> {
  const checked = await tool.check(args);
  if (!checked.ok) throw new Error(checked.problem);
  return String(await tool.execute(checked.args, toolContext().context));
}

const read = (file_path: string, folder = root) => use(readFile(folder), { file_path });
const list = (args: Record<string, string | boolean> = {}, folder = root) => use(listDir(folder), args);

describe("read_file reads what is inside its root", () => {
  test.each([
    ["hello.txt", "Grüße,\nworld\n"],
    ["./folder/inner.txt", "inner"],
    ["folder/../hello.txt", "Grüße,\nworld\n"],
    ["nothing.txt", ""],
    [".hidden", "hidden"],
    ["..dots", "two dots"],
    ["link-in", "Grüße,\nworld\n"],
    ["link-folder/inner.txt", "inner"],
  ])("%s", async (path, content) => {
    expect(await read(path)).toBe(content);
  });

  test("by an absolute path, and through a root that is a link", async () => {
    const linked = join(place, "root-link");
    expect(await read(at("hello.txt"))).toContain("world");
    expect(await read("hello.txt", linked)).toContain("world");
    expect(await read(at("hello.txt"), linked)).toContain("world");
    expect(await read(join(linked, "hello.txt"), linked)).toContain("world");
  });

  test("a large file is cut between two characters, and says how much is missing", async () => {
    const content = await use(readFile(root, { maxBytes: 1_001 }), { file_path: "large.txt" });
    expect(content).toBe(`${"ä".repeat(500)}\n\n[Cut: these are the first 1001 of 300000 bytes; 298999 are missing.]`);
    expect(await read("large.txt")).toMatch(
      /ä\n\n\[Cut: these are the first 200000 of 300000 bytes; 100000 are missing\.\]$/,
    );
  });

  test("a file of just the limit is whole", async () => {
    expect(await use(readFile(root, { maxBytes: 15 }), { file_path: "hello.txt" })).toBe("Grüße,\nworld\n");
    expect(await use(readFile(root, { maxBytes: 14 }), { file_path: "hello.txt" })).toContain("1 are missing");
  });
});

const OUTSIDE: readonly (readonly [string, string])[] = [
  ["../outside/secret.txt", "is outside the root folder"],
  ["folder/../../outside/secret.txt", "is outside the root folder"],
  ["../root-two/secret.txt", "is outside the root folder"],
  ["/etc/passwd", "is outside the root folder"],
  ["/etc/missing-for-sure", "is outside the root folder"],
  ["/proc/self/environ", "is outside the root folder"],
  ["/dev/zero", "is outside the root folder"],
  ["link-out", "is outside the root folder"],
  ["link-to-link", "is outside the root folder"],
  ["link-out-folder/secret.txt", "is outside the root folder"],
  ["link-up/secret.txt", "is outside the root folder"],
  ["top/etc/passwd", "is outside the root folder"],
  ["environment", "is outside the root folder"],
  ["zero", "is outside the root folder"],
  ["loop-a", "leads back to itself"],
  ["self", "leads back to itself"],
  ["loop-a/x", "leads back to itself"],
];

describe("read_file refuses", () => {
  test.each<readonly [string, string]>([
    ...OUTSIDE,
    ["dangling", "There is no file"],
    ["dangling-out", "There is no file"],
    ["missing.txt", 'There is no file "missing.txt"'],
    ["hello.txt/x", "not a folder"],
    ["folder", "is a folder, not a file"],
    [".", "is a folder, not a file"],
    ["fifo", "is a device, pipe or socket, not a file"],
    ["socket", "is a device, pipe or socket, not a file"],
    ["sparse", "zero bytes"],
    ["binary", "not a text file in UTF-8"],
    ["zeros", "not a text file"],
    ["a\0b", "is not a path"],
    ["x".repeat(5_000), "is not a path"],
    ["x".repeat(300), "too long a name"],
  ])("%j: %s", async (path, says) => {
    const outcome = await read(path).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "tool_failed", message: expect.stringContaining(says) });
    expect(String(outcome)).not.toContain(place);
  });

  test("a root that is not there", async () => {
    await expect(read("x", join(place, "nowhere"))).rejects.toThrow("cannot be opened");
  });

  test.each(["/proc/self/environ", "proc/version", "dev/null", "sys/kernel/notes"])(
    "%s under the root /",
    async (path) => {
      await expect(read(path, "/")).rejects.toThrow(/is in \/(proc|dev|sys), which is not read/);
    },
  );

  test("an empty path, and arguments of the wrong kind", async () => {
    expect(await readFile(root).check({ file_path: "" })).toMatchObject({ ok: false });
    expect(await readFile(root).check({ path: "hello.txt" })).toMatchObject({
      ok: false,
      problem: expect.stringContaining("file_path: required, but missing"),
    });
  });
});

describe("list_dir", () => {
  test("lists the root, folders first, without what is hidden", async () => {
    const lines = (await list()).split("\n");
    expect(lines.slice(0, 4)).toEqual(["d empty", "d folder", "d many", "f binary"]);
    expect(lines).toContain("l link-out");
    expect(lines).toContain("o fifo");
    expect(lines).not.toContain("f .hidden");
    expect(await list({ directory_path: "" })).toBe(lines.join("\n"));
  });

  test("with what is hidden", async () => {
    expect((await list({ show_hidden: true })).split("\n")).toContain("f .hidden");
  });

  test("with sizes and times, of a link its own", async () => {
    utimesSync(at("hello.txt"), 0, 0);
    const lines = (await list({ detailed: true })).split("\n");
    expect(lines).toContain("f hello.txt (15 bytes, changed 1970-01-01T00:00:00.000Z)");
    expect(lines.find((line) => line.startsWith("l link-in"))).toMatch(/^l link-in \(9 bytes, changed 2/);
  });

  test("a folder below, one that is empty, and one behind a link inside", async () => {
    const inner = 'd deep\nf inner.txt\nf "line\\nf forged"\nf swapped.txt';
    expect(await list({ directory_path: "folder" })).toBe(inner);
    expect(await list({ directory_path: "link-folder/" })).toBe(inner);
    expect(await list({ directory_path: at("folder") })).toBe(inner);
    expect(await list({ directory_path: "empty" })).toBe('"empty" is empty.');
  });

  test("of many entries the first, and how many more there are", async () => {
    const text = await use(listDir(root, { maxEntries: 10 }), { directory_path: "many" });
    expect(text.split("\n").slice(8)).toEqual(["f file-18", "f file-19", "[Cut: 2 more entries are not shown.]"]);
  });

  test.each<readonly [string, string]>([
    ...OUTSIDE.filter(([path]) => !["link-out", "link-to-link"].includes(path)),
    ["..", "is outside the root folder"],
    ["/", "is outside the root folder"],
    ["link-out-folder", "is outside the root folder"],
    ["top", "is outside the root folder"],
    ["hello.txt", "is a file, not a folder"],
    ["fifo", "is a device, pipe or socket, not a folder"],
    ["missing", 'There is no folder "missing"'],
  ])("refuses %j: %s", async (path, says) => {
    const outcome = await list({ directory_path: path }).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: "tool_failed", message: expect.stringContaining(says) });
  });
});

test("while files and folders are swapped for links to the outside, nothing of the outside is read", async () => {
  const swapper = spawn(process.execPath, [fileURLToPath(new URL("swapper.ts", import.meta.url)), root, outside], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(swapper.stdout, "data");
    const leaked: string[] = [];
    let inside = 0;
    let refused = 0;
    const until = performance.now() + howMany(600, 6_000);
    while (performance.now() < until && leaked.length === 0) {
      const outcomes = await Promise.allSettled([
        read("swapped.txt"),
        read("folder/swapped.txt"),
        list({ directory_path: "folder" }),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") refused += 1;
        else if (outcome.value === "inside" || outcome.value.includes("inner.txt")) inside += 1;
        else leaked.push(outcome.value);
      }
    }
    expect(leaked).toEqual([]);
    expect(inside).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
    expect(swapper.exitCode).toBeNull();
  } finally {
    const ended = once(swapper, "exit");
    swapper.kill("SIGKILL");
    await ended;
  }
});
