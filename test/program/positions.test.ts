import { describe, expect, test } from "vitest";
import { complaint, load, MODEL } from "./program-files.ts";

/** Each text has one mistake; what follows is the whole message. */
const TOML: readonly (readonly [fact: string, text: string, message: string])[] = [
  [
    "a key of a section",
    '[model]\nname = "m"\n  provider = 3\n',
    "FILE:3:3: [model] provider: found the number 3, expected a text that is not empty.",
  ],
  [
    "an unknown key",
    `${MODEL}max_iteration = 3\n`,
    'FILE:4:1: [model] max_iteration is not a known key. Did you mean "max_iterations"?',
  ],
  ["an unknown section", `${MODEL}[ toolz ]\n`, "FILE:4:3: [toolz] is not a known section. Did you mean [tools]?"],
  [
    "a dotted key",
    'model.name = "m"\nmodel.provider = "anthropic"\n\ndemo . prompt = []\n',
    'FILE:4:8: [demo] prompt is not a known key. Did you mean "prompts"?',
  ],
  [
    "an inline table",
    `${MODEL}[tools]\nbuiltin = ["fork", { name = "read_file", acess = "read" }]\n`,
    'FILE:5:42: [tools] builtin[1].acess is not a known key. Did you mean "access"?',
  ],
  [
    "an item of a list",
    `${MODEL}[tools]\nbuiltin = [\n  "fork", # one\n  17,\n]\n`,
    "FILE:7:3: [tools] builtin[1]: found the number 17, expected a text that is not empty, or a table with name.",
  ],
  [
    "the second table of an array of tables",
    '[model]\nprovider = "scripted"\n[[model.replies]]\ntext = "a"\n[[model.replies]]\ntxt = "b"\n',
    'FILE:6:1: [model] replies[1].txt is not a known key. Did you mean "text"?',
  ],
  [
    "a table under an array of tables",
    '[model]\nprovider = "scripted"\n[[model.replies]]\n[[model.replies]]\n[model.replies.usage]\ninput_tokens = 1\noutput_tokens = "2"\n',
    'FILE:7:1: [model] replies[1].usage.output_tokens: found the text "2", expected a whole number, at least 0.',
  ],
  [
    "a quoted key with escapes",
    `${MODEL}[tools]\n"\\u0061lias" = 1\n`,
    "FILE:5:1: [tools] alias is not a known key. Known are builtin, parallel, timeout_ms, max_result_characters, root.",
  ],
  [
    "a literal key",
    `${MODEL}[tools]\n'to ols' = 1\n`,
    'FILE:5:1: [tools] "to ols" is not a known key. Known are builtin, parallel, timeout_ms, max_result_characters, root.',
  ],
  [
    "after strings that look like TOML",
    `${MODEL}[prompt]\nsystem = """\n[fake]\nx = 1 # "\n\\""""""\nuser = '''\n'[[y]]'''''\nusr = 1\n`,
    'FILE:11:1: [prompt] usr is not a known key. Did you mean "user"?',
  ],
  [
    "a missing key, at its section",
    `# first\n[model]\nname = "m"\n`,
    "FILE:2:2: [model] provider is missing, expected a text that is not empty.",
  ],
  ["a missing section, at the start", "# nothing\n", "FILE:1:1: [model] is missing, expected a table with provider."],
  [
    "after CRLF line ends",
    `${MODEL}[limits]\nturns = 0\n`.replaceAll("\n", "\r\n"),
    "FILE:5:1: [limits] turns: found the number 0, expected a whole number, at least 1.",
  ],
  [
    "after a byte order mark",
    `\uFEFF[modell]\n${MODEL}`,
    "FILE:1:2: [modell] is not a known section. Did you mean [model]?",
  ],
  [
    "after characters of two UTF-16 units",
    `${MODEL}[demo]\nprompts = ["😀", 1]\n`,
    "FILE:5:18: [demo] prompts[1]: found the number 1, expected a text that is not empty.",
  ],
  ["a syntax error", `${MODEL}[tools\n`, "FILE:4:7: This is not valid TOML: illegal character in key."],
  [
    "a doubled key",
    `${MODEL}name = "other"\n`,
    "FILE:4:1: This is not valid TOML: trying to redefine an already defined table or value.",
  ],
  [
    "a doubled section",
    `${MODEL}[model]\n`,
    "FILE:4:2: This is not valid TOML: trying to redefine an already defined table or value.",
  ],
  [
    "a date",
    `${MODEL}[parameters]\nday = 2026-11-24\n`,
    "FILE:5:1: [parameters] day is the date 2026-11-24, not JSON. Put it in quotes.",
  ],
  [
    "an integer over 2^53",
    `${MODEL}[parameters]\nseed = 9007199254740993\n`,
    "FILE:5:1: [parameters] seed is 9007199254740993, which would lose digits and become 9007199254740992. Put it in quotes.",
  ],
  [
    "after an escaped quote",
    `${MODEL}[parameters]\nstop = ["a\\", b", nan]\n`,
    "FILE:5:19: [parameters] stop[1] is NaN, which JSON has no number for.",
  ],
  [
    "a number that is none",
    `${MODEL}[parameters]\nstop = [1, nan]\n`,
    "FILE:5:12: [parameters] stop[1] is NaN, which JSON has no number for.",
  ],
];

const YAML_MODEL = "model:\n  name: m\n  provider: anthropic\n";
const YAML: typeof TOML = [
  [
    "a key of a section",
    "model:\n  name: m\n  provider: 3\n",
    "FILE:3:3: [model] provider: found the number 3, expected a text that is not empty.",
  ],
  ["an unknown section", `${YAML_MODEL}toolz:\n`, "FILE:4:1: [toolz] is not a known section. Did you mean [tools]?"],
  [
    "a flow map in a list",
    `${YAML_MODEL}tools:\n  builtin: [fork, { name: read_file, acess: read }]\n`,
    'FILE:5:38: [tools] builtin[1].acess is not a known key. Did you mean "access"?',
  ],
  [
    "an item of a block list",
    `${YAML_MODEL}tools:\n  enabled:\n    - fork\n    - forkk\n`,
    'FILE:7:7: [tools] enabled[1]: found the text "forkk", which is no built-in tool. Did you mean "fork"?',
  ],
  [
    "what an alias stands for",
    `${YAML_MODEL}parameters: { p: &d { prompts: [1] } }\ndemo: *d\n`,
    "FILE:4:33: [demo] prompts[0]: found the number 1, expected a text that is not empty.",
  ],
  [
    "a key that an alias brings in",
    `demo: &d\n  prompts: [1]\n${YAML_MODEL}`,
    "FILE:2:13: [demo] prompts[0]: found the number 1, expected a text that is not empty.",
  ],
  [
    "a doubled key",
    `${YAML_MODEL}  name: n\n`,
    "FILE:4:3: This is not valid YAML: the key name is there twice in the same table.",
  ],
  [
    "a syntax error",
    `${YAML_MODEL}tools: [fork\n`,
    "FILE:5:1: This is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ].",
  ],
  [
    "a tag",
    "model: !!python/name:os.system x\n",
    "FILE:1:8: This is not valid YAML: Unresolved tag: tag:yaml.org,2002:python/name:os.system.",
  ],
  [
    "a second document",
    `${YAML_MODEL}---\nmodel: {}\n`,
    "FILE:4:1: This is not valid YAML: a second document starts here; a program is one.",
  ],
  [
    "an integer over 2^53",
    `${YAML_MODEL}parameters:\n  seed: 9007199254740993\n`,
    "FILE:5:3: [parameters] seed is 9007199254740993, which would lose digits and become 9007199254740992. Put it in quotes.",
  ],
  [
    "an integer that there is room for, but that would be written with other digits",
    `${YAML_MODEL}parameters:\n  seed: 1152921504606846976\n`,
    "FILE:5:3: [parameters] seed is 1152921504606846976, which would lose digits and become 1152921504606847000. Put it in quotes.",
  ],
  [
    "an integer without end",
    `${YAML_MODEL}parameters:\n  seed: 1${"0".repeat(400)}\n`,
    `FILE:5:3: [parameters] seed is 1${"0".repeat(39)}, which would lose digits and become Infinity. Put it in quotes.`,
  ],
  ["a list for a program", "- model\n", "FILE:1:1: A program file is a table of sections, found a list."],
  [
    "after a byte order mark",
    "\uFEFFmodell: {}\nmodel: { name: m, provider: anthropic }\n",
    "FILE:1:1: [modell] is not a known section. Did you mean [model]?",
  ],
];

describe("a mistake in TOML is reported where it stands", () => {
  test.each(TOML)("%s", (_fact, text, message) => {
    expect(complaint(text, "toml")).toBe(message);
  });
});

describe("a mistake in YAML is reported where it stands", () => {
  test.each(YAML)("%s", (_fact, text, message) => {
    expect(complaint(text, "yaml")).toBe(message);
  });
});

test("all mistakes of a file are listed in one error, in the order of the file", () => {
  const message = complaint('[limits]\nturns = "x"\n[model]\nprovider = "antropic"\nmax_iterations = true\n');
  expect(message.split("\n")).toEqual([
    'FILE:2:1: [limits] turns: found the text "x", expected a whole number, at least 1.',
    "FILE:5:1: [model] max_iterations: found true, expected a whole number, at least 1.",
  ]);
});

test("large integers that lose no digits are read from YAML, too", () => {
  const program = load(`${YAML_MODEL}parameters: { seed: 1000000000000000000, far: 1${"0".repeat(22)} }\n`, "yaml");
  expect(program.parameters).toEqual({ seed: 1e18, far: 1e22 });
});
