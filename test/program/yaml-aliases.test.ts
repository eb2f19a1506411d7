import { describe, expect, test } from "vitest";
import { complaint, load } from "./program-files.ts";

const MODEL = "model: { name: m, provider: openai }\n";

/** What `parameters` come to. */
function parameters(yaml: string): unknown {
  return load(`${MODEL}parameters:\n${yaml.replace(/^/gm, "  ")}`, "yaml").parameters;
}

describe("anchors, aliases and merge keys mean what YAML says", () => {
  test.each([
    ["an alias is the value", "a: &x [1]\nb: *x", { a: [1], b: [1] }],
    ["of the last anchor of its name before it", "a: &x 1\nb: *x\nc: &x 2\nd: *x", { a: 1, b: 1, c: 2, d: 2 }],
    [
      "even where an alias repeats what holds an anchor of that name",
      "a: &m { b: &y 1 }\nc: &y 2\nd: *m\ne: *y",
      { a: { b: 1 }, c: 2, d: { b: 1 }, e: 2 },
    ],
    [
      "a merge adds what is not there",
      "a: &x { b: 1, c: 2 }\nd: { <<: *x, c: 3 }",
      { a: { b: 1, c: 2 }, d: { b: 1, c: 3 } },
    ],
    ["also in front of the merge", "d: { c: 3, <<: { b: 1, c: 2 } }", { d: { b: 1, c: 3 } }],
    ["the first of a list counts", "d: { <<: [{ a: 1 }, { a: 2, b: 2 }] }", { d: { a: 1, b: 2 } }],
    [
      "what is merged may have merged",
      "a: &x { a: 1 }\nb: &y { <<: *x, b: 2 }\nc: { <<: *y }",
      {
        a: { a: 1 },
        b: { a: 1, b: 2 },
        c: { a: 1, b: 2 },
      },
    ],
    ["<< in quotes is a key", 'a: { "<<": 1 }', { a: { "<<": 1 } }],
    ["an empty value is null, and an anchor of it too", "a: &x\nb: *x", { a: null, b: null }],
    ["keys are texts", "1: a\ntrue: b\nnull: c", { 1: "a", true: "b", null: "c" }],
    [
      "an alias is no part of what it stands for",
      "a: &x { b: [1] }\nc: [*x, *x]",
      { a: { b: [1] }, c: [{ b: [1] }, { b: [1] }] },
    ],
  ])("%s", (_fact, yaml, value) => {
    expect(parameters(yaml)).toEqual(value);
  });

  test.each([
    [
      "an alias of nothing",
      "a: *x\nb: &x 1",
      "FILE:3:6: This is not valid YAML: the alias *x has no anchor before it.",
    ],
    [
      "a merge of a number",
      "a: { <<: 1 }",
      "FILE:3:12: This is not valid YAML: << takes a table, or a list of tables.",
    ],
    [
      "a key twice, beside a merge of it",
      "a: { b: 1, <<: { b: 2 }, b: 3 }",
      "FILE:3:28: This is not valid YAML: the key b is there twice in the same table.",
    ],
  ])("%s is refused where it stands", (_fact, yaml, message) => {
    expect(complaint(`${MODEL}parameters:\n${yaml.replace(/^/gm, "  ")}\n`, "yaml")).toBe(message);
  });
});
