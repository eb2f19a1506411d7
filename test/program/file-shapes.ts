import { mulberry32 } from "../support/mulberry32.ts";

/** A program file of about so many characters, made of one thing again and again. */
export interface FileShape {
  readonly name: string;
  readonly ending: "toml" | "yaml";
  text(characters: number): string;
}

type Unit = string | ((index: number) => string);

/** What is before the units (for a text of so many characters), the units, what is after them. */
type Parts = readonly [head: string | ((characters: number) => string), unit: Unit, tail?: string];

const TOML_MODEL = '[model]\nname = "m"\nprovider = "openai"\n';
const IN_TOML = `${TOML_MODEL}[parameters]\n`;
/** Where something is wrong at the end, everything before it was looked through, and its place is looked up. */
const TOML_TAIL = "\nz = nan\n";
const YAML_MODEL = "model: { name: m, provider: openai }\n";
const IN_YAML = `${YAML_MODEL}parameters:\n`;
const YAML_TAIL = "\n z: .nan\n";

const TOML: Readonly<Record<string, Parts>> = {
  "keys of a section": [IN_TOML, (i) => `k${i} = 1\n`, TOML_TAIL],
  "unknown keys": [TOML_MODEL, (i) => `k${i} = 1\n`],
  "unknown sections": ["", (i) => `[k${i}]\n`],
  "keys under a long section": [
    (characters) => `${TOML_MODEL}[parameters.${"x".repeat(characters / 2)}]\n`,
    (i) => `k${i} = 1\n`,
    TOML_TAIL,
  ],
  "keys under a deep section": [
    (characters) => `${TOML_MODEL}[parameters${".a".repeat(characters / 4)}]\n`,
    (i) => `k${i} = 1\n`,
    TOML_TAIL,
  ],
  "approval of others than the many tools": [
    (characters) =>
      `${TOML_MODEL}[tools]\nbuiltin = [${numbered(characters / 2, (i) => `{ name = "fork", alias = "t${i}" },`)}]\n[callbacks]\napproval = [`,
    (i) => `"u${i}",`,
    "]\n",
  ],
  "keys under a section 60 deep": [`${TOML_MODEL}[parameters${".a".repeat(60)}]\n`, (i) => `k${i} = 1\n`, TOML_TAIL],
  "dotted keys with one beginning": [IN_TOML, (i) => `a.b.c.key${i} = 1\n`, TOML_TAIL],
  "dotted keys with one long beginning": [IN_TOML, (i) => `${"p".repeat(500)}.k${i} = 1\n`, TOML_TAIL],
  "dotted keys 50 deep": [IN_TOML, (i) => `k${i}${".p".repeat(50)} = 1\n`, TOML_TAIL],
  "a dotted key": [IN_TOML, "a.", "a = 1\n"],
  "a dotted key in quotes": [IN_TOML, '"".', "a = 1\n"],
  "a dotted key in an inline table": [`${IN_TOML}a = { `, "a.", "b = 1 }\n"],
  "sections 50 deep": [TOML_MODEL, (i) => `[parameters.a${i}${".p".repeat(50)}]\n`, TOML_TAIL],
  "tables of an array": [IN_TOML, "[[parameters.a]]\nb = 1\n", TOML_TAIL],
  "tables of an array in an array": [IN_TOML, "[[parameters.a]]\n[[parameters.a.b]]\n", TOML_TAIL],
  "tables of an array 30 deep": [IN_TOML, `[[parameters${".a".repeat(30)}]]\n`, TOML_TAIL],
  "empty inline tables": [`${IN_TOML}a = [`, "{},", `]${TOML_TAIL}`],
  "inline tables": [`${IN_TOML}a = [`, "{ a = 1 },", `]${TOML_TAIL}`],
  "inline tables 50 deep": [IN_TOML, (i) => `a${i} = ${"{a=".repeat(50)}1${"}".repeat(50)}\n`, TOML_TAIL],
  "lists 50 deep": [IN_TOML, (i) => `a${i} = ${"[".repeat(50)}1${"]".repeat(50)}\n`, TOML_TAIL],
  "a list": [`${IN_TOML}a = [`, "1,", `]${TOML_TAIL}`],
  "a list whose last item is wrong": [`${IN_TOML}a = [`, "1,", "nan]\n"],
  "blank lines in a list": [`${IN_TOML}a = [`, "\n", `]${TOML_TAIL}`],
  "comments in a list": [`${IN_TOML}a = [`, "#\n", `]${TOML_TAIL}`],
  "wrong items": [`${TOML_MODEL}[tools]\nbuiltin = [`, "1,", "]\n"],
  "tools that there are not": [`${TOML_MODEL}[tools]\nbuiltin = [`, (i) => `"t${i}",`, "]\n"],
  "one tool again and again": [`${TOML_MODEL}[tools]\nbuiltin = [`, '"fork",', "]\n"],
  "tools with aliases": [`${TOML_MODEL}[tools]\nbuiltin = [`, (i) => `{ name = "fork", alias = "t${i}" },`, "]\n"],
  "approval of tools that there are not": [`${TOML_MODEL}[callbacks]\napproval = [`, (i) => `"u${i}",`, "]\n"],
  prompts: [`${TOML_MODEL}[demo]\nprompts = [`, '"a",', "]\n"],
  "modules that there are not": [`${TOML_MODEL}[callbacks]\nmodules = [`, '"a",', "]\n"],
  "linked programs that there are not": [`${TOML_MODEL}[linked_programs]\n`, (i) => `a${i} = "x"\n`],
  replies: ['[model]\nprovider = "scripted"\nreplies = [', "{},", "]\n"],
  "a long key": [TOML_MODEL, "x", " = 1\n"],
  "a long section": [`${TOML_MODEL}[parameters.`, "x", `]${TOML_TAIL}`],
  "a key of escapes": [`${TOML_MODEL}"`, "\\u0061", '" = 1\n'],
  "keys with escapes": [IN_TOML, (i) => `"\\u0061${i}" = 1\n`, TOML_TAIL],
  "a long string": [`${TOML_MODEL}[prompt]\nsystem = "`, "x", '"\n[zz]\n'],
  "a string of escapes": [`${TOML_MODEL}[prompt]\nsystem = "`, "\\n", '"\n[zz]\n'],
  "a string of lines": [`${TOML_MODEL}[prompt]\nsystem = """`, "\n", '"""\n[zz]\n'],
  "a string of escaped lines": [`${TOML_MODEL}[prompt]\nsystem = """`, "\\\n", '"""\n[zz]\n'],
  "a literal string of quotes": [`${TOML_MODEL}[prompt]\nsystem = '''`, "''\n", "'''\n[zz]\n"],
  "a string without end": [`${TOML_MODEL}[prompt]\nsystem = """`, "x\n"],
  "a value that is none": [`${IN_TOML}a = `, "x"],
  "a long line that is wrong at its end": [`${IN_TOML}a = [`, "1,", "!]\n"],
  comments: [TOML_MODEL, "#\n", "[zz]\n"],
  "comments with CRLF": [TOML_MODEL, "#\r\n", "[zz]\r\n"],
  "a long comment": [`${TOML_MODEL}#`, "x", "\n[zz]\n"],
  spaces: [TOML_MODEL, " ", "[zz]\n"],
  "a long integer": [`${IN_TOML}a = `, "1", "\n"],
  "long integers": [`${IN_TOML}a = [`, `${"9".repeat(1_000)},`, "]\n"],
  "a long hexadecimal integer": [`${IN_TOML}a = 0x`, "f", "\n"],
  dates: [`${IN_TOML}a = [`, "1979-05-27,", "]\n"],
  "a long path": [`${TOML_MODEL}[prompt]\nsystem_prompt_file = "`, "a/", '"\n'],
  prose: ["", "This is no program, but a letter. ", "\n"],
};

const YAML: Readonly<Record<string, Parts>> = {
  "keys of a section": [IN_YAML, (i) => ` k${i}: 1\n`, YAML_TAIL],
  "unknown keys": [YAML_MODEL, (i) => `k${i}: 1\n`],
  "keys with CRLF": [IN_YAML, (i) => ` k${i}: 1\r\n`, YAML_TAIL],
  "one key again and again": [IN_YAML, " a: 1\n"],
  "aliases of one anchor": [`${IN_YAML} a: &a 1\n b: [`, "*a, ", `]${YAML_TAIL}`],
  "an alias for each anchor": [IN_YAML, (i) => ` k${i}: &a${i} 1\n j${i}: *a${i}\n`, YAML_TAIL],
  "an alias for each of one anchor's values": [IN_YAML, (i) => ` k${i}: &a [${i}]\n j${i}: *a\n`, YAML_TAIL],
  "aliases of nothing": [`${IN_YAML} b: [`, "*q, ", "]\n"],
  "maps that merge the one before": [
    `${IN_YAML} a0: &a0 { k0: 0 }\n`,
    (i) => ` a${i + 1}: &a${i + 1} { <<: *a${i}, k${i + 1}: 1 }\n`,
    YAML_TAIL,
  ],
  "maps that merge one large map": [
    `${IN_YAML} a: &a { ${Array.from({ length: 300 }, (_item, i) => `k${i}: 1`).join(", ")} }\n`,
    (i) => ` b${i}: { <<: *a }\n`,
    YAML_TAIL,
  ],
  "merges of a large map": [
    (characters) => `${IN_YAML} a: &a { ${numbered(characters / 2, (i) => `k${i}: 1, `)} }\n`,
    (i) => ` b${i}: { <<: *a }\n`,
    YAML_TAIL,
  ],
  "merges of one map": [`${IN_YAML} a: &a { x: 1 }\n b: { <<: [`, "*a, ", `] }${YAML_TAIL}`],
  "lists that hold the one before twice": [
    `${IN_YAML} a0: &a0 [x]\n`,
    (i) => ` a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`,
    YAML_TAIL,
  ],
  "a flow list": [`${IN_YAML} b: [`, "1, ", `]${YAML_TAIL}`],
  "a flow map": [`${IN_YAML} b: { `, (i) => `k${i}: 1, `, `}${YAML_TAIL}`],
  "a flow list without commas": [`${IN_YAML} b: [`, '"a" ', "]\n"],
  "flow lists 50 deep": [IN_YAML, (i) => ` a${i}: ${"[".repeat(50)}1${"]".repeat(50)}\n`, YAML_TAIL],
  items: [`${IN_YAML} b:\n`, "  - 1\n", YAML_TAIL],
  "items 40 deep": [`${IN_YAML} b:\n`, `  - ${"- ".repeat(40)}1\n`, YAML_TAIL],
  "tools that there are not": [`${YAML_MODEL}tools: { builtin: [`, (i) => `t${i}, `, "] }\n"],
  "a long plain text": [`${IN_YAML} a: `, "x ", YAML_TAIL],
  "a plain text of lines": [`${IN_YAML} a: x\n`, "  x\n", YAML_TAIL],
  "a plain text of blank lines": [`${IN_YAML} a: x\n`, "\n", `  y${YAML_TAIL}`],
  "a plain text of colons": [`${IN_YAML} a: `, "x:", YAML_TAIL],
  "a long integer": [`${IN_YAML} a: `, "1", YAML_TAIL],
  "an integer that is none": [`${IN_YAML} a: `, "1", `x${YAML_TAIL}`],
  "a quoted text": [`${IN_YAML} a: "`, "x", `"${YAML_TAIL}`],
  "a quoted text of spaces": [`${IN_YAML} a: "x`, " ", `y"${YAML_TAIL}`],
  "a quoted text of blank lines": [`${IN_YAML} a: "x`, "\n", `  "${YAML_TAIL}`],
  "a quoted text of escapes": [`${IN_YAML} a: "`, "\\n", `"${YAML_TAIL}`],
  "a quoted text without end": [`${IN_YAML} a: "`, "x\n "],
  "a literal text": [`${YAML_MODEL}prompt:\n system: |\n`, "  x\n", "zz: 1\n"],
  "a folded text": [`${YAML_MODEL}prompt:\n system: >\n`, "  x\n   y\n", "zz: 1\n"],
  "a folded text of blank lines": [`${YAML_MODEL}prompt:\n system: >\n  x\n`, "\n", "  y\nzz: 1\n"],
  comments: [YAML_MODEL, "#\n", "zz: 1\n"],
  "comments between keys": [IN_YAML, (i) => ` k${i}: 1 # c\n # d\n`, YAML_TAIL],
  "blank lines with CRLF": [YAML_MODEL, "\r\n", "zz: 1\n"],
  tabs: [YAML_MODEL, "\t", "\nzz: 1\n"],
  documents: ["", "---\n"],
  "ends of documents": [YAML_MODEL, "...\n"],
  directives: ["", "%TAG ! x\n", `---\n${YAML_MODEL}`],
  tags: [`${IN_YAML} b: [`, "!!str 1, ", `]${YAML_TAIL}`],
  "a long tag": [`${IN_YAML} b: !`, "x", " 1\n"],
  "a long key": [YAML_MODEL, "x", ": 1\n"],
  "explicit keys": [IN_YAML, (i) => ` ? k${i}\n : 1\n`, YAML_TAIL],
  errors: [YAML_MODEL, "a: b: c\n"],
};

/** What was once slower than its size. */
export const SUSPECTS: ReadonlySet<string> = new Set([
  "toml, keys under a long section",
  "toml, dotted keys 50 deep",
  "toml, tools that there are not",
  "toml, one tool again and again",
  "toml, approval of others than the many tools",
  "toml, modules that there are not",
  "toml, linked programs that there are not",
  "toml, a long path",
  "yaml, an alias for each anchor",
  "yaml, maps that merge the one before",
  "yaml, merges of a large map",
]);

/** The shapes that somebody thought of. */
export const FILE_SHAPES: readonly FileShape[] = [
  ...Object.entries(TOML).map(([name, parts]) => shape(name, "toml", parts)),
  ...Object.entries(YAML).map(([name, parts]) => shape(name, "yaml", parts)),
];

const HEADS = {
  toml: [
    TOML_MODEL,
    IN_TOML,
    `${IN_TOML}a = [`,
    `${IN_TOML}a = { `,
    `${IN_TOML}a = """`,
    `${TOML_MODEL}[[x]]\n`,
    `${IN_TOML}a`,
  ],
  yaml: [
    YAML_MODEL,
    IN_YAML,
    `${IN_YAML} a: [`,
    `${IN_YAML} a: { `,
    `${IN_YAML} a: &a\n`,
    `${IN_YAML} a: "`,
    `${IN_YAML} a: |\n`,
  ],
} as const;
const PIECES = {
  toml: [
    "a",
    "k#",
    ".",
    " = ",
    "1",
    '"',
    "'",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    "#",
    "# x\n",
    " ",
    "\\",
    '"""',
    "k# = 1\n",
    "a.k# = 1\n",
    "{ a = 1 }, ",
    "1.5, ",
  ],
  yaml: [
    "a",
    "k#",
    ": ",
    "1",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "\n ",
    "\n  ",
    "- ",
    "? ",
    "&a# ",
    "*a# ",
    "&a ",
    "*a ",
    "<<: *a",
    "!",
    "#",
    " # x\n",
    "|",
    ">",
    "---\n",
    " k#: 1\n",
    "k#: 1, ",
  ],
} as const;

/** A shape that nobody thought of: pieces of the format in any order, again and again. The same one for a seed. */
export function randomShape(seed: number): FileShape {
  const random = mulberry32(seed);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const ending = random() < 0.5 ? "toml" : "yaml";
  const pieces = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick<string>(PIECES[ending]) ?? "");
  const unit = pieces.join("");
  const head = pick<string>(HEADS[ending]) ?? "";
  const parts: Parts = [head, (i) => unit.replaceAll("#", `${i}`), pick(PIECES[ending]) ?? ""];
  return shape(`${seed}: ${JSON.stringify(unit)} in ${JSON.stringify(head.slice(-12))}`, ending, parts);
}

function shape(name: string, ending: FileShape["ending"], [head, unit, tail = ""]: Parts): FileShape {
  const text = (characters: number): string => {
    const start = typeof head === "string" ? head : head(characters);
    return `${start}${numbered(characters - start.length - tail.length, unit)}${tail}`;
  };
  return { name: `${ending}, ${name}`, ending, text };
}

function numbered(characters: number, unit: Unit): string {
  const units: string[] = [];
  for (let index = 0, length = 0; length < characters; index++) {
    const next = typeof unit === "string" ? unit : unit(index);
    units.push(next);
    length += next.length;
  }
  return units.join("");
}
