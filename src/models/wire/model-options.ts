import { LLMProcError } from "../../errors.ts";
import { unknownOption } from "../../text/unknown-option.ts";
import { apiKeyEnvProblem } from "./api-key.ts";

/** What an option of a model function may be. */
type Kind = "text" | "flag" | "table" | "milliseconds" | "object";

/** Every option of a model function; the types see to it that none is left out. */
export type OptionKinds<Options> = { readonly [K in keyof Required<Options>]: Kind };

/** Options with `baseURL` as it is spelled here, or `baseUrl`, as the options of a program have it. */
export type EitherSpelling<Options> =
  | Options
  | (Omit<Options, "baseURL"> & { readonly baseUrl: string; readonly baseURL?: undefined });

/** A model function, for `modelOptions`. */
export interface ModelFunction<Options> {
  /** As it is called: `openai`. */
  readonly name: string;
  readonly kinds: OptionKinds<Options>;
  readonly required: readonly (keyof Options & string)[];
}

/**
 * A checked copy of the options, with `baseURL` spelled so. Plain JavaScript has no types, and a slip in `baseURL` would send key and prompt to the vendor instead.
 * @throws LLMProcError `program_invalid` that names the option, never its value: it may be a key
 */
export function modelOptions<Options>(called: ModelFunction<Options>, options: unknown): Options {
  const { name, kinds, required } = called;
  const usage = `${name}() takes { ${required.join(", ")}, … }`;
  if (typeof options !== "object" || options === null) {
    throw invalid(`${usage}, found ${options === null ? "null" : `a ${typeof options}`}.`);
  }
  const values = spelledOneWay({ ...options }, name);
  const known: Readonly<Record<string, Kind>> = kinds;
  const unknown = unknownOption(Object.keys(values), Object.keys(known), `${name}()`);
  if (unknown !== undefined) throw invalid(unknown);
  for (const [key, value] of Object.entries(values)) {
    const kind = known[key];
    if (kind === undefined) continue;
    if (value !== undefined && !FITS[kind](value)) throw invalid(`The ${key} of ${name}() must be ${EXPECTED[kind]}.`);
  }
  for (const key of required) {
    const value = values[key];
    if (typeof value !== "string" || value.trim() === "") throw invalid(`${usage}: ${key} is missing.`);
  }
  const problem = typeof values.apiKeyEnv === "string" ? apiKeyEnvProblem(values.apiKeyEnv) : undefined;
  if (problem !== undefined) throw invalid(`The apiKeyEnv of ${name}() ${problem}`);
  // A border post: every option has just been looked at.
  return values as Options;
}

function spelledOneWay(
  { baseUrl, ...values }: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  if (baseUrl === undefined) return values;
  const { baseURL = baseUrl } = values;
  if (baseURL !== baseUrl)
    throw invalid(`baseURL and baseUrl of ${name}() are two spellings of one option, and differ.`);
  return { ...values, baseURL };
}

const FITS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  flag: (value) => typeof value === "boolean",
  table: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  milliseconds: (value) => typeof value === "number" && value > 0,
  object: (value) => typeof value === "object" && value !== null,
};

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: "a text",
  flag: "true or false",
  table: "an object of texts",
  milliseconds: "a number of milliseconds above 0 (Infinity for no limit)",
  object: "an object",
};

function invalid(message: string): LLMProcError {
  return new LLMProcError("program_invalid", message);
}
