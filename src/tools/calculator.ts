import type { Tool } from "../process/contract/tool.ts";
import { arithmetic, FUNCTION_NAMES } from "./arithmetic.ts";
import { tool } from "./tool.ts";

const DEFAULT_PRECISION = 6;

/** Calculates with plain numbers; no code of the model runs. */
export const calculator: Tool = tool({
  name: "calculator",
  description:
    "Calculates the value of an expression. Operators: + - * / ^ (power), % (remainder), ! (factorial). " +
    `Functions: ${FUNCTION_NAMES}; angles are in radians. Constants: pi, e, tau. ` +
    "Numbers are exact to about 15 digits.",
  parameters: {
    type: "object",
    properties: {
      expression: { type: "string", description: "What to calculate, for example (2 + 3) * sqrt(16)." },
      precision: {
        type: "integer",
        minimum: 0,
        maximum: 15,
        default: DEFAULT_PRECISION,
        description: "How many decimal places the result is rounded to.",
      },
    },
    required: ["expression"],
    additionalProperties: false,
  },
  execute: ({ expression, precision }) => format(arithmetic(expression), precision),
});

/** Without idle zeros. Where nobody asked for a precision, a small number is not rounded to 0: that would be wrong. */
function format(value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Number.isInteger(value)) return String(value + 0);
  const digits = value.toFixed(precision ?? DEFAULT_PRECISION);
  if (Number(digits) !== 0) return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return precision === undefined ? String(Number(value.toExponential(DEFAULT_PRECISION))) : "0";
}
