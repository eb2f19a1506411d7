import { describe, expect, test } from "vitest";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { complaint, load, MODEL, programErrorOf, programFiles } from "./program-files.ts";

/** Every key of a program file: what it is written as, and what the program has of it. */
const KEYS: readonly (readonly [key: string, text: string, has: object])[] = [
  ["model.name, provider", MODEL, { model: { name: "claude-sonnet-5-5", provider: "anthropic" } }],
  ["model.base_url", `${MODEL}base_url = "http://127.0.0.1:1"\n`, { model: { baseUrl: "http://127.0.0.1:1" } }],
  ["model.api_key_env", `${MODEL}api_key_env = "MY_KEY"\n`, { model: { apiKeyEnv: "MY_KEY" } }],
  ["model.headers", `${MODEL}headers = { x-team = "a" }\n`, { model: { headers: { "x-team": "a" } } }],
  ["model.idle_timeout_ms", `${MODEL}idle_timeout_ms = 120_000\n`, { model: { idleTimeoutMs: 120_000 } }],
  [
    "model.project_id, region",
    '[model]\nname = "m"\nprovider = "anthropic_vertex"\nproject_id = "p"\nregion = "r"\n',
    { model: { projectId: "p", region: "r" } },
  ],
  [
    "model.disable_automatic_caching",
    `${MODEL}disable_automatic_caching = true\n`,
    { model: { disableAutomaticCaching: true } },
  ],
  ["model.max_iterations", `${MODEL}max_iterations = 7\n`, { limits: { turns: 7 } }],
  ["limits.turns", `${MODEL}[limits]\nturns = 9\n`, { limits: { turns: 9 } }],
  ["both: the smaller holds", `${MODEL}max_iterations = 7\n[limits]\nturns = 3\n`, { limits: { turns: 3 } }],
  ["limits.children, depth", `${MODEL}[limits]\nchildren = 0\ndepth = 3\n`, { limits: { children: 0, depth: 3 } }],
  ["limits.parallel_calls", `${MODEL}[limits]\nparallel_calls = 1\n`, { limits: { parallelCalls: 1 } }],
  [
    "limits.usd, tokens, wall_ms, warn_at, shares",
    `${MODEL}[limits]\nusd = 0.5\ntokens = 1000\nwall_ms = 60000\nwarn_at = 0.5\nshares = true\n`,
    { limits: { usd: 0.5, tokens: 1000, wallMs: 60_000, warnAt: 0.5, shares: true } },
  ],
  ["neither", MODEL, { limits: { turns: 50, children: 200, depth: 10, parallelCalls: 50 } }],
  ["prompt.system_prompt", `${MODEL}[prompt]\nsystem_prompt = "s"\n`, { systemPrompt: "s" }],
  ["prompt.system", `${MODEL}[prompt]\nsystem = "s"\n`, { systemPrompt: "s" }],
  ["prompt.user", `${MODEL}[prompt]\nuser = "u"\n`, { userPrompt: "u" }],
  ["prompt.user_prompt", `${MODEL}[prompt]\nuser_prompt = "u"\n`, { userPrompt: "u" }],
  [
    "parameters, untouched",
    `${MODEL}[parameters]\nmax_tokens = 5\nnew_thing = { a_b = [1, "x"] }\n[parameters.thinking]\ntype = "enabled"\n`,
    { parameters: { max_tokens: 5, new_thing: { a_b: [1, "x"] }, thinking: { type: "enabled" } } },
  ],
  [
    "parameters with large integers that lose no digits",
    `${MODEL}[parameters]\nseed = 1_000_000_000_000_000_000\nlow = -9007199254740992\n`,
    { parameters: { seed: 1e18, low: -9_007_199_254_740_992 } },
  ],
  [
    "limits.tokens, as many as one likes",
    `${MODEL}[limits]\ntokens = 1000000000000000000\n`,
    { limits: { tokens: 1e18 } },
  ],
  ["tools.builtin", `${MODEL}[tools]\nbuiltin = ["fork"]\n`, { tools: ["fork"] }],
  [
    "tools.enabled, entries",
    `${MODEL}[tools]\nenabled = [{ name = "read_file", alias = "cat", description = "d", access = "read", param_descriptions = { file_path = "p" } }]\n`,
    {
      tools: [
        { name: "read_file", alias: "cat", description: "d", access: "read", paramDescriptions: { file_path: "p" } },
      ],
    },
  ],
  ["tools.parallel", `${MODEL}[tools]\nparallel = false\n`, { parallelToolCalls: false }],
  ["tools.timeout_ms", `${MODEL}[tools]\ntimeout_ms = 10\n`, { toolTimeoutMs: 10 }],
  ["tools.max_result_characters", `${MODEL}[tools]\nmax_result_characters = 200\n`, { maxToolResultCharacters: 200 }],
  [
    "pricing",
    `${MODEL}[pricing]\ninput_usd_per_million = 3\noutput_usd_per_million = 15.5\ncache_read_usd_per_million = 0\ncache_write_usd_per_million = 4\ncache_write_1h_usd_per_million = 6\n`,
    {
      pricing: {
        inputUsdPerMillion: 3,
        outputUsdPerMillion: 15.5,
        cacheReadUsdPerMillion: 0,
        cacheWriteUsdPerMillion: 4,
        cacheWrite1hUsdPerMillion: 6,
      },
    },
  ],
  [
    "retry",
    `${MODEL}[retry]\nmax_attempts = 1\n`,
    { retry: { maxAttempts: 1, initialDelayMs: 1000, maxDelayMs: 60_000, deadlineMs: 600_000 } },
  ],
  [
    "retry, waits",
    `${MODEL}[retry]\ninitial_delay_ms = 0\nmax_delay_ms = 5\n`,
    { retry: { maxAttempts: 6, initialDelayMs: 0, maxDelayMs: 5, deadlineMs: 600_000 } },
  ],
  [
    "demo",
    `${MODEL}[demo]\ndisplay_name = "D"\nprompts = ["a"]\npause_between_prompts = false\n`,
    { name: "D", demo: { displayName: "D", prompts: ["a"], pauseBetweenPrompts: false } },
  ],
  ["the name of the file", MODEL, { name: "program" }],
  [
    "model.replies, child_replies, repeat",
    '[model]\nprovider = "scripted"\nrepeat = true\n[[model.replies]]\ntext = "t"\ntool_calls = [{ name = "fork", args = { a_b = 1 }, id = "i" }]\nusage = { input_tokens = 1, output_tokens = 2 }\ndelay_ms = 3\ncut_after = 4\n[[model.child_replies]]\nerror = { status = 529, message = "m", retry_after_ms = 5 }\n',
    {
      model: {
        repeat: true,
        replies: [
          {
            text: "t",
            toolCalls: [{ name: "fork", args: { a_b: 1 }, id: "i" }],
            usage: { inputTokens: 1, outputTokens: 2 },
            delayMs: 3,
            cutAfter: 4,
          },
        ],
        childReplies: [{ error: { status: 529, message: "m", retryAfterMs: 5 } }],
      },
    },
  ],
];

describe("a key of a program file reaches the program", () => {
  test.each(KEYS)("%s", (_key, text, has) => {
    expect(load(text)).toMatchObject(has);
  });
});

/** The sections and keys that the example files of the Python original use, where this version has them. */
const ORIGINALS: readonly (readonly [what: string, text: string, ending: "toml" | "yaml"])[] = [
  [
    "a Vertex model",
    '[model]\nname = "claude-3-5-haiku@20241022"\nprovider = "anthropic_vertex"\nregion = "us-east5"\n[prompt]\nsystem_prompt = """\nBe brief.\n"""\n[parameters]\nmax_tokens = 4096\n[demo]\ndisplay_name = "C"\n',
    "toml",
  ],
  [
    "the same in YAML",
    "model:\n  name: claude-3-5-haiku@20241022\n  provider: anthropic_vertex\nprompt:\n  system_prompt: |\n    Be brief.\nparameters:\n  max_tokens: 4096\ndemo:\n  display_name: C\n",
    "yaml",
  ],
  [
    "built-in tools",
    '[model]\nname = "m"\nprovider = "anthropic"\n[prompt]\nsystem_prompt = "s"\nuser = "u"\n[parameters]\nmax_tokens = 4096\ntemperature = 0.7\n[tools]\nbuiltin = ["calculator", "read_file", "list_dir"]\n',
    "toml",
  ],
  [
    "renamed tools in YAML",
    'model:\n  name: "m"\n  provider: "anthropic_vertex"\n  max_iterations: 30\ntools:\n  builtin:\n    - name: "calculator"\n    - name: "write_stderr"\n      alias: "write_log"\n      description: "d"\n      param_descriptions:\n        message: "m"\n',
    "yaml",
  ],
  ["fork", '[model]\nname = "m"\nprovider = "anthropic"\n[tools]\nbuiltin = ["fork", "read_file"]\n', "toml"],
  [
    "extra headers and thinking",
    '[model]\nname = "m"\nprovider = "anthropic"\n[parameters.extra_headers]\nanthropic-beta = "b"\n[parameters.thinking]\ntype = "enabled"\nbudget_tokens = 4000\n',
    "toml",
  ],
  ["Gemini", '[model]\nname = "gemini-2.5-pro"\nprovider = "gemini"\n[parameters]\nmax_tokens = 16384\n', "toml"],
  [
    "OpenAI in YAML",
    "model:\n  name: gpt-4o-mini\n  provider: openai\nparameters:\n  max_tokens: 1000\n  # reasoning_effort: low\n",
    "yaml",
  ],
  [
    "sections whose keys are all commented out",
    "model: { name: m, provider: openai }\nparameters:\n  # max_tokens: 1\nprompt:\n  user:\ntools:\n",
    "yaml",
  ],
];

describe("what the example files of the original say loads here", () => {
  test.each(ORIGINALS)("%s", (_what, text, ending) => {
    expect(load(text, ending)).toBeInstanceOf(LLMProgram);
  });
});

describe("what is not built yet is refused by name, never ignored", () => {
  test.each(["preload", "env_info", "mcp", "file_descriptor"])("[%s]", (section) => {
    expect(complaint(`${MODEL}[${section}]\n`)).toBe(
      `FILE:4:2: [${section}] is not supported by this version yet. Take the section out.`,
    );
  });
  test("[tools.mcp]", () => {
    expect(complaint(`${MODEL}[tools.mcp]\neverything = ["add"]\n`)).toContain(
      "FILE:4:8: [tools] mcp is not supported",
    );
  });
  test.each(["goto", "read_fd", "fd_to_file"])("the tool %s", (name) => {
    expect(complaint(`${MODEL}[tools]\nbuiltin = ["${name}"]\n`)).toContain("which this version does not have yet.");
  });
  test('access = "admin"', () => {
    const message = complaint(`${MODEL}[tools]\nbuiltin = [{ name = "fork", access = "admin" }]\n`);
    expect(message).toContain('FILE:5:29: [tools] builtin[0].access: found the text "admin"');
  });
});

const WRONG: readonly (readonly [what: string, text: string, message: string])[] = [
  [
    "an alias beside its key",
    `${MODEL}[prompt]\nsystem = "a"\nsystem_prompt = "b"\n`,
    "FILE:5:1: [prompt] system is another spelling of system_prompt, which is there too. Keep one.",
  ],
  [
    "two tools of one name",
    `${MODEL}[tools]\nbuiltin = ["fork", { name = "spawn", alias = "fork" }]\n`,
    'FILE:5:20: [tools] builtin[1] gives a second tool the name "fork". Names must differ: give one an alias.',
  ],
  [
    "an alias that is no name",
    `${MODEL}[tools]\nbuiltin = [{ name = "fork", alias = "a b" }]\n`,
    'FILE:5:29: [tools] builtin[0].alias: found the text "a b", expected up to 64 letters, digits, _ and -.',
  ],
  [
    "no name of a model",
    '[model]\nprovider = "anthropic"\n',
    "FILE:1:2: [model] name is missing, expected the provider's name of a model.",
  ],
  [
    "a script for a real model",
    `${MODEL}repeat = true\n`,
    'FILE:4:1: [model] repeat is for provider = "scripted" alone.',
  ],
  [
    "a scripted model without a script",
    '[model]\nprovider = "scripted"\n',
    "FILE:1:2: [model] replies is missing: the scripted model says nothing else.",
  ],
  [
    "a price below zero",
    `${MODEL}[pricing]\ninput_usd_per_million = -1\noutput_usd_per_million = 1\n`,
    "FILE:5:1: [pricing] input_usd_per_million: found the number -1, expected a number, at least 0.",
  ],
  [
    "a time that no timer holds",
    `${MODEL}[tools]\ntimeout_ms = 2147483648\n`,
    "FILE:5:1: [tools] timeout_ms: found the number 2147483648, expected a whole number from 1 to 2147483647.",
  ],
  [
    "a level that there is not",
    `${MODEL}[tools]\nbuiltin = [{ name = "fork", access = "wirte" }]\n`,
    'FILE:5:29: [tools] builtin[0].access: found the text "wirte", expected one of "read", "write", "admin". Did you mean "write"?',
  ],
  [
    "a missing prompt file",
    `${MODEL}[prompt]\nsystem_prompt_file = "nowhere.md"\n`,
    "FILE:5:1: [prompt] system_prompt_file names DIRECTORY/nowhere.md. There is no such file.",
  ],
  [
    "a missing linked program",
    `${MODEL}[linked_programs]\nexpert = { path = "e.toml" }\n`,
    "FILE:5:12: [linked_programs] expert.path names DIRECTORY/e.toml. There is no such file.",
  ],
  [
    "an approval of a tool that there is not",
    `${MODEL}[tools]\nbuiltin = ["read_file", "spawn"]\n[callbacks]\napproval = ["spwan", "grep"]\n`,
    'FILE:7:13: [callbacks] approval[0]: found the text "spwan", which is no tool of this program. Did you mean "spawn"?\n' +
      'FILE:7:22: [callbacks] approval[1]: found the text "grep", which is no tool of this program. It has read_file, spawn.',
  ],
  [
    "an approval by the name that a tool has elsewhere",
    `${MODEL}[tools]\nbuiltin = [{ name = "list_dir", alias = "ls" }]\n[callbacks]\napproval = ["list_dir"]\n`,
    'FILE:7:13: [callbacks] approval[0]: found the text "list_dir", which is no tool of this program. It is called "ls".',
  ],
  [
    "an approval where there are no tools",
    `${MODEL}[callbacks]\napproval = ["fork"]\n`,
    'FILE:5:13: [callbacks] approval[0]: found the text "fork", which is no tool of this program. It has none.',
  ],
  [
    "an approval of nothing",
    `${MODEL}[callbacks]\napproval = []\n`,
    "FILE:5:1: [callbacks] approval: found an empty list, expected a list that is not empty.",
  ],
  [
    "a missing callback module",
    `${MODEL}[callbacks]\nmodules = ["./m.ts"]\n`,
    "FILE:5:12: [callbacks] modules[0] names DIRECTORY/m.ts. There is no such file.",
  ],
  [
    "a root that is no directory",
    `${MODEL}[tools]\nroot = "program.toml"\n`,
    "FILE:5:1: [tools] root names FILE, which is not a directory.",
  ],
];

describe("a program file that contradicts itself or the disk is refused", () => {
  test.each(WRONG)("%s", (_what, text, message) => {
    expect(complaint(text)).toBe(message);
  });
});

test("paths in a file are relative to the file, wherever the caller stands", () => {
  using files = programFiles({
    "prompts/system.md": "\uFEFFBe brief.\n",
    "callbacks/log.js": "export default () => {};",
    "expert.yaml": "model: { name: m, provider: openai }",
    "work/empty.txt": "",
    "programs/main.toml": `${MODEL}[prompt]\nsystem_prompt_file = "../prompts/system.md"\n[callbacks]\nmodules = ["../callbacks/log.js"]\n[tools]\nroot = "../work"\n[linked_programs]\nexpert = "../expert.yaml"\nagain = { path = "main.toml", description = "d" }\n`,
  });
  const program = LLMProgram.fromFile(files.path("programs/main.toml"));
  expect(program.systemPrompt).toBe("Be brief.\n");
  expect(program.callbackModules).toEqual([files.path("callbacks/log.js")]);
  expect(program.root).toBe(files.path("work"));
  expect(program.linkedPrograms).toEqual({
    expert: { program: files.path("expert.yaml"), description: "" },
    again: { program: files.path("programs/main.toml"), description: "d" },
  });
});

test("without [tools] root, file tools stay in the current directory", () => {
  expect(load(MODEL).root).toBe(process.cwd());
});

test("a prompt file wins over a prompt, as in the original", () => {
  using files = programFiles({ "s.md": "from the file" });
  const file = files.write("p.toml", `${MODEL}[prompt]\nsystem_prompt = "inline"\nsystem_prompt_file = "s.md"\n`);
  expect(LLMProgram.fromFile(file).systemPrompt).toBe("from the file");
});

test("the ending of a file says its format; fromToml and fromYaml take any", () => {
  using files = programFiles({ "a.yml": "model: { name: m, provider: openai }", "a.conf": MODEL });
  expect(LLMProgram.fromFile(files.path("a.yml")).model).toMatchObject({ name: "m" });
  expect(LLMProgram.fromToml(files.path("a.conf")).model).toMatchObject({ provider: "anthropic" });
  const error = programErrorOf(() => LLMProgram.fromFile(files.path("a.conf")));
  expect(error.message).toBe(`${files.path("a.conf")}: The file has the ending .conf, expected .toml, .yaml or .yml.`);
});

test("an error has a stable code, the file, and the place of the first problem", () => {
  using files = programFiles({ "a.toml": `${MODEL}[toolz]\n` });
  const error = programErrorOf(() => LLMProgram.fromToml(files.path("a.toml")));
  expect(error).toMatchObject({ code: "program_invalid", file: files.path("a.toml"), line: 4, column: 2 });
  expect(error.problems).toHaveLength(1);
});
