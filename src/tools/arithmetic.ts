import type { FunctionNode, MathNode } from "mathjs/number";
import { toError } from "../errors.ts";
import { ToolFailure } from "./tool-failure.ts";

const MAX_LENGTH = 1_000;
const MAX_NESTING = 50;

type MathLibrary = typeof import("mathjs/number");

/** How many arguments a function takes, and what it computes from them. */
type Operation = readonly [least: number, most: number, compute: (...args: number[]) => number];

const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E, tau: 2 * Math.PI, inf: Infinity };

/**
 * The value of an expression of numbers, operators (`+ - * / % ^ !`), functions and constants. The library only
 * parses; what is not in the tables of this file cannot run.
 *
 * @throws ToolFailure if it is not such an expression, too long or too deep, or has no finite real value
 */
export async function arithmetic(expression: string): Promise<number> {
  checkText(expression);
  const math = await import("mathjs/number");
  const evaluate = evaluator(math);
  try {
    // `**` is how Python writes a power.
    return evaluate(math.parse(expression.replaceAll("**", "^")));
  } catch (thrown) {
    if (thrown instanceof ToolFailure) throw thrown;
    const cause = toError(thrown);
    throw new ToolFailure(`The expression cannot be read: ${cause.message}.`, { cause });
  }
}

/** The names of the functions, for the tool's description. */
export const FUNCTION_NAMES =
  "abs, sign, round(x, places), floor, ceil, trunc, min, max, sqrt, cbrt, exp, log(x, base), ln, log2, log10, " +
  "sin, cos, tan, asin, acos, atan, atan2(y, x), sinh, cosh, tanh, degrees, radians, hypot, factorial, gcd, lcm";

/** What the parser would take in another sense than most who write it, or recurse into too deeply. */
function checkText(expression: string): void {
  if (expression.trim() === "") throw new ToolFailure("The expression is empty. Give one such as 2 * (3 + 4).");
  if (expression.length > MAX_LENGTH) {
    throw new ToolFailure(
      `The expression has ${expression.length} characters, more than the ${MAX_LENGTH} allowed. Calculate it in parts.`,
    );
  }
  let nesting = 0;
  for (const character of expression) {
    if ("([{".includes(character)) nesting += 1;
    else if (")]}".includes(character)) nesting -= 1;
    if (nesting > MAX_NESTING) throw new ToolFailure(`The expression is nested more than ${MAX_NESTING} deep.`);
  }
  if (expression.includes("//")) throw new ToolFailure("There is no // here. Write floor(a / b).");
  if (/%\s*(?![\s\w.(])/.test(expression)) {
    throw new ToolFailure(
      "a % b is the remainder of a division. For per cent, divide by 100; put a negative b in (…).",
    );
  }
}

function evaluator(math: MathLibrary): (node: MathNode) => number {
  const functions = functionsOf(math);
  const operators = operatorsOf(math);
  const evaluate = (node: MathNode): number => {
    if (math.isConstantNode(node)) return constant(node.value);
    if (math.isParenthesisNode(node)) return evaluate(node.content);
    if (math.isSymbolNode(node)) return named(node.name, functions);
    if (math.isOperatorNode(node)) {
      const operation = operators.get(node.fn);
      if (operation === undefined)
        throw new ToolFailure(`The operator ${node.op} is not known. Use + - * / % ^ and !.`);
      return apply(node.fn, operation, node.args.map(evaluate));
    }
    if (math.isFunctionNode(node)) {
      const name = functionName(math, node);
      const operation = functions.get(name);
      if (operation === undefined) throw new ToolFailure(`There is no function ${name}. There are: ${FUNCTION_NAMES}.`);
      return apply(name, operation, node.args.map(evaluate));
    }
    throw new ToolFailure(
      `Only numbers, operators and functions can be calculated, not ${node.type.replace(/Node$/, "")} (${cut(node.toString())}).`,
    );
  };
  return evaluate;
}

function constant(value: unknown): number {
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new ToolFailure(`${JSON.stringify(value) ?? "Nothing"} is not a number.`);
  }
  if (!Number.isFinite(value)) throw new ToolFailure("A number is too large: the largest is about 1.8e308.");
  return value;
}

function named(name: string, functions: ReadonlyMap<string, Operation>): number {
  const value = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
  if (value !== undefined) return value;
  if (functions.has(name)) throw new ToolFailure(`${name} is a function. Write ${name}(…).`);
  throw new ToolFailure(`The name ${cut(name)} is not known. The constants are ${Object.keys(CONSTANTS).join(", ")}.`);
}

/** `a.b(…)` is a function node too: its name is taken only where it is plainly a name. */
function functionName(math: MathLibrary, node: FunctionNode): string {
  const called: unknown = node.fn;
  if (math.isSymbolNode(called)) return called.name;
  throw new ToolFailure(`Only functions can be called, not ${cut(node.toString())}.`);
}

function apply(name: string, [least, most, compute]: Operation, args: readonly number[]): number {
  if (args.length < least || args.length > most) {
    const count = least === most ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new ToolFailure(`${name} takes ${count} argument${count === "1" ? "" : "s"}, not ${args.length}.`);
  }
  if ((name === "divide" || name === "mod") && args[1] === 0) throw new ToolFailure("Division by zero.");
  const shown = `${name}(${args.map(String).join(", ")})`;
  let value: number;
  try {
    value = compute(...args);
  } catch (thrown) {
    throw new ToolFailure(`${cut(shown)}: ${toError(thrown).message}.`, { cause: thrown });
  }
  if (Number.isNaN(value)) throw new ToolFailure(`${cut(shown)} has no real value.`);
  if (!Number.isFinite(value) && args.every(Number.isFinite)) {
    throw new ToolFailure(`${cut(shown)} is infinite, or larger than a number can be (about 1.8e308).`);
  }
  return value;
}

function operatorsOf(math: MathLibrary): ReadonlyMap<string, Operation> {
  return new Map<string, Operation>([
    ["add", [2, 2, (a, b) => Number(a) + Number(b)]],
    ["subtract", [2, 2, (a, b) => Number(a) - Number(b)]],
    ["multiply", [2, 2, (a, b) => Number(a) * Number(b)]],
    ["divide", [2, 2, (a, b) => Number(a) / Number(b)]],
    ["mod", [2, 2, (a, b) => math.mod(Number(a), Number(b))]],
    ["pow", [2, 2, (a, b) => Number(a) ** Number(b)]],
    ["unaryMinus", [1, 1, (a) => -Number(a)]],
    ["unaryPlus", [1, 1, (a) => Number(a)]],
    ["factorial", [1, 1, (a) => math.factorial(Number(a))]],
  ]);
}

function functionsOf(math: MathLibrary): ReadonlyMap<string, Operation> {
  const one = (compute: (x: number) => number): Operation => [1, 1, compute];
  const plain = ["abs", "sign", "floor", "ceil", "trunc", "sqrt", "cbrt", "exp", "log2", "log10"] as const;
  const angles = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"] as const;
  return new Map<string, Operation>([
    ...[...plain, ...angles].map((name): [string, Operation] => [name, one(Math[name])]),
    ["ln", one(Math.log)],
    ["log", [1, 2, (x, base) => (base === undefined ? Math.log(Number(x)) : math.log(Number(x), base))]],
    ["round", [1, 2, (x, places) => math.round(Number(x), places ?? 0)]],
    ["min", [1, Infinity, Math.min]],
    ["max", [1, Infinity, Math.max]],
    ["hypot", [1, Infinity, Math.hypot]],
    ["atan2", [2, 2, Math.atan2]],
    ["degrees", one((x) => (x * 180) / Math.PI)],
    ["radians", one((x) => (x * Math.PI) / 180)],
    ["factorial", one((x) => math.factorial(x))],
    ["gcd", [2, Infinity, (...args) => args.reduce((a, b) => math.gcd(a, b))]],
    ["lcm", [2, Infinity, (...args) => args.reduce((a, b) => math.lcm(a, b))]],
  ]);
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
