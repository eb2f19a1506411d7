import { describeGiven, LLMProcError } from "../errors.ts";
import type { CallbackOptions } from "../events/callback.ts";
import { unknownOption } from "../text/unknown-option.ts";

/** Options as they hold: what `addCallback` says, else what the callback carries, else the defaults. */
export type HeldOptions = { readonly [K in keyof Required<CallbackOptions>]: NonNullable<CallbackOptions[K]> };

const DEFAULT_TIMEOUT_MS = 30_000;

const isFlag = (value: unknown) => typeof value === "boolean";
const A_FLAG = "must be true or false";

/** What each option must be. */
const CHECKS: { readonly [K in keyof HeldOptions]: readonly [fits: (value: unknown) => boolean, expected: string] } = {
  observe: [isFlag, A_FLAG],
  background: [isFlag, A_FLAG],
  trial: [
    (value) => isFlag(value) || typeof value === "function",
    "must be true, false or a function that takes the reports",
  ],
  inherit: [isFlag, A_FLAG],
  timeoutMs: [
    (value) => typeof value === "number" && value > 0,
    "must be a number of milliseconds above 0, or Infinity",
  ],
  name: [(value) => typeof value === "string" && value.trim() !== "", "must be a text that is not blank"],
  allowUnknown: [isFlag, A_FLAG],
};

// The keys of CHECKS are those of HeldOptions: the compiler sees to it.
export const OPTION_NAMES = Object.keys(CHECKS) as (keyof HeldOptions)[];

/** @throws LLMProcError `callback_invalid` that names the option that cannot be */
export function heldOptions(callback: object, only: unknown, given: unknown): HeldOptions {
  const carried: unknown = only === undefined ? Reflect.get(callback, "callbackOptions") : undefined;
  const own = checked(given, only === undefined ? "addCallback()" : "on()");
  const brought = checked(carried, "callbackOptions");
  if (own.background === true && own.observe === false) {
    throw invalidCallback(
      "observe: false and background: true: what works in the background only watches. Leave one of them out.",
    );
  }
  return {
    observe: own.observe ?? brought.observe ?? false,
    // What is to be a guard does not work in the background.
    background: own.background ?? (own.observe === false ? false : (brought.background ?? false)),
    // That it is on trial says nothing against where the reports go that it brings along.
    trial: own.trial === true ? brought.trial || true : (own.trial ?? brought.trial ?? false),
    inherit: own.inherit ?? brought.inherit ?? true,
    timeoutMs: own.timeoutMs ?? brought.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    name: own.name ?? brought.name ?? nameOf(callback),
    allowUnknown: own.allowUnknown ?? brought.allowUnknown ?? false,
  };
}

/** Each option is read once: a getter may say otherwise the next time. */
function checked(options: unknown, owner: string): CallbackOptions {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalidCallback(`The options of ${owner} must be an object, not ${describeGiven(options)}.`);
  }
  const unknown = unknownOption(Object.keys(options), OPTION_NAMES, owner);
  if (unknown !== undefined) throw invalidCallback(unknown);
  const values: { [key: string]: unknown } = {};
  for (const name of OPTION_NAMES) {
    const value: unknown = Reflect.get(options, name);
    const [fits, expected] = CHECKS[name];
    if (value !== undefined && !fits(value)) throw invalidCallback(`${name} ${expected}, not ${describeGiven(value)}.`);
    values[name] = value;
  }
  return values;
}

/** What a callback is called that brings no name of its own. */
export function nameOf(callback: object): string {
  const name: unknown = typeof callback === "function" ? callback.name : callback.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "callback";
}

export function invalidCallback(message: string): LLMProcError {
  return new LLMProcError("callback_invalid", message);
}
