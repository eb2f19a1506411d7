import { mulberry32 } from "../support/mulberry32.ts";

const TOML = `[model]
name = "claude-sonnet-5-5"
provider = "anthropic"
max_iterations = 7
[prompt]
system_prompt_file = "s.md"
user = """
Read it, then say "done".
"""
[parameters]
max_tokens = 1_000
thinking = { type = "enabled", budget_tokens = 2000 }
stop = ["a", 'b', 1.5, true]
[tools]
builtin = ["fork", { name = "read_file", alias = "cat" }]
[linked_programs.expert]
path = "e.toml"
description = "knows"
[callbacks]
modules = ["m.js"]
[demo]
prompts = ["a", "b"]
`;

const YAML = `model: &model
  name: claude-sonnet-5-5
  provider: "anthropic"
  max_iterations: 7
prompt:
  system_prompt_file: s.md
  user: |
    Read it, then say "done".
parameters:
  max_tokens: 1000
  thinking: { type: enabled, budget_tokens: 2000 }
  stop: [a, 'b', 1.5, true]
  word: &word x
  again: *word
tools:
  builtin:
    - fork
    - { name: read_file, alias: cat }
linked_programs:
  expert:
    path: e.toml
callbacks: { modules: [m.js] }
`;

/** What gets put in: each is a way in which files were broken before. */
const PIECES = [
  ..."[]{}=:.,#\"'\\-|>&*!%@? \t\n\r\0\u007f\uFEFF\u{1F600}".split(/(?:)/u),
  "[[",
  "]]",
  '"""',
  "'''",
  "__proto__",
  "constructor",
  "<<: *model",
  "9007199254740993",
  "nan",
  "-inf",
  "0x",
  "1979-05-27",
  "null",
  "~",
  "true",
  "1e999",
  "\\u0000",
  "---\n",
  "...",
  "!!binary",
  "&a",
  "*a",
  "\n[model]\n",
  "\nmodel:\n",
  "../../",
];

/** `count` damaged copies of a whole program file: the same ones each time. */
export function* seededMutations(ending: "toml" | "yaml", count: number): Generator<string> {
  const random = mulberry32(ending === "toml" ? 1 : 2);
  const pick = (limit: number) => Math.floor(random() * limit);
  for (let made = 0; made < count; made++) {
    let text = ending === "toml" ? TOML : YAML;
    for (let changes = 1 + pick(3); changes > 0; changes--) {
      const start = pick(text.length);
      const end = Math.min(text.length, start + pick(12));
      const kind = pick(4);
      if (kind === 0) text = text.slice(0, start) + text.slice(end);
      else if (kind === 1) text = text.slice(0, start) + PIECES[pick(PIECES.length)] + text.slice(start);
      else if (kind === 2) text = text.slice(0, start) + text.slice(start, end).repeat(2) + text.slice(end);
      else text = text.slice(0, start) + PIECES[pick(PIECES.length)] + text.slice(end);
    }
    yield text;
  }
}
