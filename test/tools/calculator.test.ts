import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LLMProcError } from "../../src/errors.ts";
import { FUNCTION_NAMES } from "../../src/tools/arithmetic.ts";
import { calculator } from "../../src/tools/calculator.ts";
import { runs } from "../support/sample.ts";
import { toolContext } from "./tool-context.ts";

const { context } = toolContext();

async function calculate(expression: string, precision?: number): Promise<unknown> {
  const checked = await calculator.check(precision === undefined ? { expression } : { expression, precision });
  if (!checked.ok) throw new Error(checked.problem);
  return calculator.execute(checked.args, context);
}

describe("the value of an expression", () => {
  test.each([
    ["1 + 2 * 3", "7"],
    ["(1 + 2) * 3", "9"],
    ["10 - 4 - 3", "3"],
    ["2 / 4 / 2", "0.25"],
    ["-2 ^ 2", "-4"],
    ["2 ^ 3 ^ 2", "512"],
    ["2 ** 10", "1024"],
    ["2 ^ -1", "0.5"],
    ["7 % 3", "1"],
    ["-7 % 3", "2"],
    ["7 % (-3)", "-2"],
    ["5!", "120"],
    ["0.1 + 0.2", "0.3"],
    ["100", "100"],
    ["1e3", "1000"],
    ["0xff", "255"],
    ["2 pi", "6.283185"],
    ["tau / pi", "2"],
    ["ln(e)", "1"],
    ["sqrt(16) + cbrt(27)", "7"],
    ["log(8, 2)", "3"],
    ["log10(1000)", "3"],
    ["log2(8)", "3"],
    ["sin(pi / 2)", "1"],
    ["cos(0)", "1"],
    ["atan2(1, 1) * 4", "3.141593"],
    ["degrees(pi)", "180"],
    ["radians(180)", "3.141593"],
    ["floor(-2.5)", "-3"],
    ["ceil(-2.5)", "-2"],
    ["trunc(-2.5)", "-2"],
    ["round(2.567, 1)", "2.6"],
    ["abs(-3) + sign(-3)", "2"],
    ["min(3, 1, 2)", "1"],
    ["max(3, 1, inf)", "Infinity"],
    ["hypot(3, 4)", "5"],
    ["factorial(10)", "3628800"],
    ["gcd(12, 18, 27)", "3"],
    ["lcm(4, 6)", "12"],
    ["-0", "0"],
    ["1e-9", "1e-9"],
    ["1 / 3e8", "3.333333e-9"],
    ["10 ^ 21", "1e+21"],
    // Signs, powers and implied products as people read them.
    ["9 - 3 ^ 2", "0"],
    ["-3 ^ (1 + 1)", "-9"],
    ["1 ^ 2 ^ 3 - 4 ^ 5", "-1023"],
    ["2 ^ -1 ^ 2 ^ 3", "0.5"],
    ["10 * e ^ (-2 ^ 2 / 2)", "1.353353"],
    ["2 (3 + 4)", "14"],
    ["(1 + 1)(2 + 1) 2", "12"],
    ["6 / 2 (1 + 2)", "9"],
    ["1 / 2 pi", "1.570796"],
    ["6 / 2 pi ^ 2", "29.608813"],
    ["-2 tau", "-12.566371"],
    ["3!!", "720"],
    ["2 ^ 3!", "64"],
    ["7 mod -3", "-2"],
    ["1 % 0.1", "0"],
    ["123456789012345680 % 7", "3"],
    ["5.5 % 2", "1.5"],
    ["round(2.675, 2)", "2.68"],
    ["round(-2.5)", "-3"],
    ["round(1e300, 2)", "1e+300"],
    ["floor(log(1000, 10))", "3"],
    ["0b101 + 0o17 + 0XFF", "275"],
    ["1E3 + .5 + 5.", "1005.5"],
    ["max(1,\n  2)", "2"],
    ["0!", "1"],
    ["170! / 169!", "170"],
    ["gcd(2 ^ 60, 2 ^ 40) / 2 ^ 40", "1"],
  ])("%s is %s", async (expression, value) => {
    expect(await calculate(expression)).toBe(value);
  });

  test.each([
    ["2 / 3", 0, "1"],
    ["2 / 3", 2, "0.67"],
    ["2 / 3", 15, "0.666666666666667"],
    ["100.4", 0, "100"],
    ["1 / 3000", 2, "0"],
    ["1 / 2", 6, "0.5"],
  ])("%s to %i places is %s", async (expression, precision, value) => {
    expect(await calculate(expression, precision)).toBe(value);
  });

  test("sums, differences and products are JavaScript's, however they are nested", async () => {
    const { tree: trees } = fc.letrec<{ tree: string; leaf: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", maxDepth: 5 },
        tie("leaf"),
        fc
          .tuple(tie("tree"), fc.constantFrom("+", "-", "*"), tie("tree"))
          .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
      ),
      leaf: fc.integer({ min: 0, max: 99 }).map(String),
    }));
    const tokens = /[()+*-]|\d+/g;
    await fc.assert(
      fc.asyncProperty(trees, async (expression) => {
        const expected = bracketedValue(expression.match(tokens) ?? []);
        fc.pre(Number.isSafeInteger(expected) && expression.length <= 1_000);
        // + 0: the calculator writes no negative zero.
        expect(Number(await calculate(expression))).toBe(expected + 0);
      }),
      runs(200, 600),
    );
  });

  test("every function that the description names is there", async () => {
    const names = FUNCTION_NAMES.match(/[a-z]\w*(?=\(|,|$)/g) ?? [];
    expect(names.length).toBeGreaterThan(30);
    for (const name of names.filter((each) => !["x", "y", "base", "places"].includes(each))) {
      await expect(calculate(`${name}(1)`).catch(String)).resolves.not.toContain("There is no function");
    }
  });
});

/** A fully bracketed expression, from its tokens. */
function bracketedValue(tokens: string[]): number {
  const token = tokens.shift();
  if (token !== "(") return Number(token);
  const left = bracketedValue(tokens);
  const operator = tokens.shift();
  const right = bracketedValue(tokens);
  tokens.shift();
  return operator === "+" ? left + right : operator === "-" ? left - right : left * right;
}

describe("what cannot be calculated says why", () => {
  test.each([
    ["1 / 0", "Division by zero"],
    ["1 / (1 / 0)", "Division by zero"],
    ["5 % 0", "Division by zero"],
    ["0 / 0", "Division by zero"],
    ["sqrt(-1)", "sqrt(-1) has no real value"],
    ["log(-1)", "no real value"],
    ["log(0)", "infinite"],
    ["log(8, 1)", "infinite"],
    ["(-8) ^ (1 / 3)", "no real value"],
    ["inf - inf", "no real value"],
    ["10 ^ 400", "infinite, or larger"],
    ["factorial(171)", "infinite, or larger"],
    ["factorial(-1)", "non-negative"],
    ["1e999", "too large"],
    ["gcd(1.5, 2)", "integer"],
    ["sin()", "sin takes 1 argument, not 0"],
    ["sin(1, 2)", "sin takes 1 argument, not 2"],
    ["max()", "max takes 1 or more arguments, not 0"],
    ["round(1.5, 99)", "0 to 15"],
    ["sin 1", "sin is a function"],
    ["pi(2)", "There is no function pi"],
    ["x + 1", "The name x is not known"],
    ["5 cm", "The name cm is not known"],
    ["2 +", "cannot be read"],
    ["(1 + 2", "cannot be read"],
    ["1,000", "cannot be read"],
    ["7 // 2", "floor(a / b)"],
    ["10 + 5%", "divide by 100"],
    ["5% * 2", "divide by 100"],
    ["   ", "empty"],
    ["NaN", "not a number"],
    ["true", "not a number"],
    ['"text"', "not a number"],
    ["2 3", '"3" is not expected after "2"'],
    ["2 +\n* 3", '"*" is not expected after "+"'],
    ["(1 + 2", "it ends where"],
    ["", "empty"],
    ["2 × 3", '"× 3" is not expected'],
    ["0b102", "The name b102 is not known"],
    ["0.5!", "non-negative integers"],
    ["2 (-8) ^ (1 / 3)", "(-8) ^ 0.3333333333333333 has no real value"],
    ["2 - factorial(1e9)", "factorial(1000000000) is infinite"],
    ["9 ^ 9 ^ 9 ^ 9", "9 ^ 387420489 is infinite"],
  ])("%s: %s", async (expression, says) => {
    await expect(calculate(expression)).rejects.toMatchObject({
      code: "tool_failed",
      message: expect.stringContaining(says),
    });
  });

  test("the precision must be a whole number from 0 to 15", async () => {
    await expect(calculate("1", 16)).rejects.toThrow("precision: 16 is greater than 15");
    await expect(calculate("1", 1.5)).rejects.toThrow("precision: expected integer");
  });
});

test("the first calculation is done when the call returns: nothing is loaded for it", () => {
  expect(calculator.execute({ expression: "6 * 7" }, context)).toBe("42");
});

describe("hostile input does nothing", () => {
  test.each([
    "constructor",
    "__proto__",
    "hasOwnProperty(1)",
    "toString()",
    "valueOf",
    'import("fs")',
    "import({ a: 1 })",
    "f(x) = f(x)",
    "f(x) = f(x); f(1)",
    "a = 5",
    "1:1e9",
    "[1, 2, 3]",
    "zeros(1e9)",
    "{a: 1}.a",
    'cos.constructor("return process")()',
    "(1).constructor",
    "e.sin(0)",
    'evaluate("1")',
    'parse("1")',
    'compile("1")',
    'createUnit("x")',
    'sqrt("x")',
    "1 ? 2 : 3",
    "1 < 2 < 3",
    "not 1",
    "1 | 2",
    "~1",
    "5 to cm",
    "x'",
    "1; 2",
    "1\n2",
    "end",
    "null",
    "undefined",
    "pi\n2",
    "2\n(3)",
  ])("%s", async (expression) => {
    await expect(calculate(expression)).rejects.toMatchObject({ code: "tool_failed" });
  });

  test.each([
    ["1,000 brackets", `${"(".repeat(450)}1${")".repeat(450)}`, "nested more than 50 deep"],
    ["1,001 characters", "1".repeat(1_001), "1001 characters, more than the 1000 allowed"],
    ["a million brackets", "(".repeat(1_000_000), "1000000 characters"],
  ])("%s are refused before they are parsed", async (_what, expression, says) => {
    await expect(calculate(expression)).rejects.toThrow(says);
  });

  test.each(["-".repeat(999), "2^".repeat(499), "!".repeat(900), "+".repeat(998)])(
    "1,000 characters of %s end in a result",
    async (before) => {
      const outcome = await calculate(`${before}1`).catch((error: { code: string }) => error.code);
      expect(typeof outcome).toBe("string");
    },
  );

  test("any text ends in a value or a clear error", async () => {
    const piece = fc.constantFrom(
      ..."()[]{},.;:=!%^*/+-'\"# \n".split(""),
      "pi",
      "e",
      "sin",
      "max(",
      "1",
      "2.5",
      "1e308",
      "constructor",
      "=>",
      "mod",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.array(piece, { maxLength: 20 }).map((parts) => parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (expression) => {
        const outcome = await calculate(expression).catch((error: unknown) => error);
        expect(typeof outcome === "string" ? NUMBER.test(outcome) : isClear(outcome)).toBe(true);
      }),
      runs(250, 3000),
    );
  });
});

const NUMBER = /^-?(\d+(\.\d+)?(e[+-]\d+)?|Infinity)$/;

function isClear(error: unknown): boolean {
  return error instanceof LLMProcError && error.code === "tool_failed" && /^.{10,}\.$/s.test(error.message);
}
