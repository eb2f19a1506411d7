import type { Expression } from "./expression.ts";
import { ExpressionError, parseExpression } from "./expression.ts";
import { ToolFailure } from "./tool-failure.ts";

const MAX_LENGTH = 1_000;
const MAX_NESTING = 50;

/** How many arguments a function takes, and what it computes from them. */
type Operation = readonly [least: number, most: number, compute: (...args: number[]) => number];

const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
  ["tau", 2 * Math.PI],
  ["inf", Infinity],
]);

/**
 * The value of an expression of numbers, operators (`+ - * / % ^ !`), functions and constants. What is not in the tables
 * of this file cannot run.
 *
 * @throws ToolFailure if it is not such an expression, too long or too deep, or has no finite real value
 */
export function arithmetic(expression: string): number {
  checkText(expression);
  try {
    return evaluate(parseExpression(expression));
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown;
    throw new ToolFailure(`The expression cannot be read: ${thrown.message}.`, { cause: thrown });
  }
}

/** The names of the functions, for the tool's description. */
export const FUNCTION_NAMES =
  "abs, sign, round(x, places), floor, ceil, trunc, min, max, sqrt, cbrt, exp, log(x, base), ln, log2, log10, " +
  "sin, cos, tan, asin, acos, atan, atan2(y, x), sinh, cosh, tanh, degrees, radians, hypot, factorial, gcd, lcm";

/** Names of other languages' values. */
const NO_NUMBERS: ReadonlySet<string> = new Set(["NaN", "nan", "true", "false", "null", "undefined", "None"]);

/** What could be meant in another sense, or would be recursed into too deeply. */
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

function evaluate(expression: Expression): number {
  if (expression.kind === "number") {
    if (!Number.isFinite(expression.value))
      throw new ToolFailure("A number is too large: the largest is about 1.8e308.");
    return expression.value;
  }
  const { kind, name } = expression;
  if (kind === "name") return named(name);
  const operation = kind === "function" ? FUNCTIONS.get(name) : OPERATORS.get(name);
  if (operation === undefined) {
    throw new ToolFailure(`There is no function ${cut(name)}. There are: ${FUNCTION_NAMES}.`);
  }
  return apply(expression, operation, expression.args.map(evaluate));
}

function named(name: string): number {
  const value = CONSTANTS.get(name);
  if (value !== undefined) return value;
  if (FUNCTIONS.has(name)) throw new ToolFailure(`${name} is a function. Write ${name}(…).`);
  if (NO_NUMBERS.has(name)) throw new ToolFailure(`${name} is not a number.`);
  throw new ToolFailure(`The name ${cut(name)} is not known. The constants are ${[...CONSTANTS.keys()].join(", ")}.`);
}

type Call = Expression & { readonly kind: "operator" | "function" };

function apply(call: Call, [least, most, compute]: Operation, args: readonly number[]): number {
  const { name } = call;
  if (args.length < least || args.length > most) {
    const count = least === most ? `${least}` : most === Infinity ? `${least} or more` : `${least} to ${most}`;
    throw new ToolFailure(`${name} takes ${count} argument${count === "1" ? "" : "s"}, not ${args.length}.`);
  }
  if (call.kind === "operator" && (name === "/" || name === "%") && args[1] === 0) {
    throw new ToolFailure("Division by zero.");
  }
  const value = compute(...args);
  if (Number.isNaN(value)) throw new ToolFailure(`${shown(call, args)} has no real value.`);
  if (!Number.isFinite(value) && args.every(Number.isFinite)) {
    throw new ToolFailure(`${shown(call, args)} is infinite, or larger than a number can be (about 1.8e308).`);
  }
  return value;
}

/** With the values in the places of what they were computed from. */
function shown({ kind, name }: Call, args: readonly number[]): string {
  const [a, b] = args.map((value) => (value < 0 && kind === "operator" ? `(${value})` : `${value}`));
  if (kind === "function") return cut(`${name}(${args.join(", ")})`);
  if (b !== undefined) return `${a} ${name} ${b}`;
  return name === "!" ? `${a}!` : `${name}${a}`;
}

const OPERATORS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["+", [1, 2, (a, b) => (b === undefined ? Number(a) : Number(a) + b)]],
  ["-", [1, 2, (a, b) => (b === undefined ? -Number(a) : Number(a) - b)]],
  ["*", [2, 2, (a, b) => Number(a) * Number(b)]],
  ["/", [2, 2, (a, b) => Number(a) / Number(b)]],
  ["%", [2, 2, (a, b) => remainder(Number(a), Number(b))]],
  ["^", [2, 2, (a, b) => Number(a) ** Number(b)]],
  ["!", [1, 1, (a) => factorial(Number(a))]],
]);

const one = (compute: (x: number) => number): Operation => [1, 1, compute];
const PLAIN = ["abs", "sign", "floor", "ceil", "trunc", "sqrt", "cbrt", "exp", "log2", "log10"] as const;
const ANGLES = ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"] as const;

const FUNCTIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ...[...PLAIN, ...ANGLES].map((name): [string, Operation] => [name, one(Math[name])]),
  ["ln", one(Math.log)],
  ["log", [1, 2, (x, base) => logarithm(Number(x), base)]],
  ["round", [1, 2, (x, places) => round(Number(x), places ?? 0)]],
  ["min", [1, Infinity, Math.min]],
  ["max", [1, Infinity, Math.max]],
  ["hypot", [1, Infinity, Math.hypot]],
  ["atan2", [2, 2, Math.atan2]],
  ["degrees", one((x) => (x * 180) / Math.PI)],
  ["radians", one((x) => (x * Math.PI) / 180)],
  ["factorial", one(factorial)],
  ["gcd", [2, Infinity, (...args) => args.map(integer).reduce(gcd)]],
  ["lcm", [2, Infinity, (...args) => args.map(integer).reduce(lcm)]],
]);

/** Of the divisor's sign, as in Python. Exact for integers; for others the one that is meant: 1 % 0.1 is 0. */
function remainder(dividend: number, divisor: number): number {
  if (!Number.isInteger(dividend) || !Number.isInteger(divisor)) {
    return dividend - divisor * Math.floor(dividend / divisor);
  }
  const rest = dividend % divisor;
  return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
}

/** Exact for whole powers of 2 and 10: `floor(log(1000, 10))` is 3. */
function logarithm(value: number, base: number | undefined): number {
  if (base === 2) return Math.log2(value);
  if (base === 10) return Math.log10(value);
  return base === undefined ? Math.log(value) : Math.log(value) / Math.log(base);
}

function factorial(value: number): number {
  if (value < 0 || !(Number.isInteger(value) || value === Infinity)) {
    throw new ToolFailure(`factorial(${value}): factorials are of non-negative integers.`);
  }
  let product = 1;
  for (let factor = 2; factor <= value && product < Infinity; factor++) product *= factor;
  return product;
}

/** Half away from zero, and as the number is written: 2.675 to 2 places is 2.68, though its nearest double is less. */
function round(value: number, places: number): number {
  if (!Number.isInteger(places) || places < 0 || places > 15) {
    throw new ToolFailure(`round(${value}, ${places}): the places are an integer from 0 to 15.`);
  }
  const rounded = Number(shifted(Math.round(Number(shifted(Math.abs(value), places))), -places));
  return Number.isFinite(rounded) ? Math.sign(value) * rounded : value;
}

/** With the decimal point moved, as a text. */
function shifted(value: number, places: number): string {
  const [digits, exponent = "0"] = String(value).split("e");
  return `${digits}e${Number(exponent) + places}`;
}

function integer(value: number): number {
  if (Number.isInteger(value)) return value;
  throw new ToolFailure(`gcd and lcm take integers, not ${value}.`);
}

function gcd(a: number, b: number): number {
  let [larger, smaller] = [Math.abs(a), Math.abs(b)];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function lcm(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : Math.abs((a / gcd(a, b)) * b);
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
