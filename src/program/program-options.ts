import type { Callback } from "../events/callback.ts";
import type { JsonObject } from "../json.ts";
import { deepFreeze } from "../json.ts";
import { aiSdk } from "../models/ai-sdk/ai-sdk.ts";
import type { AiSdkModel } from "../models/ai-sdk/ai-sdk-model.ts";
import { isAiSdkModel } from "../models/ai-sdk/ai-sdk-model.ts";
import type { Model } from "../process/contract/model.ts";
import type { Tool } from "../process/contract/tool.ts";
import type { Toolbox } from "../process/contract/toolbox.ts";
import type { Problem } from "./check-value.ts";
import { addProblems, checkValue, showValue } from "./check-value.ts";
import { checkModel } from "./model-checks.ts";
import type { Path } from "./path.ts";
import { plainData } from "./plain-data.ts";
import { checkApproval, checkTools } from "./program-checks.ts";
import { ProgramError } from "./program-error.ts";
import type { ProgramFile } from "./program-file.ts";
import type {
  DemoOptions,
  LimitOptions,
  ModelOptions,
  PricingOptions,
  RetryOptions,
  ToolEntry,
} from "./program-schema.ts";
import { programOptionsSchema } from "./program-schema.ts";

/** What `new LLMProgram` takes. `Program` is `LLMProgram`. */
export interface LLMProgramOptions<Program> {
  /** A model, one of the AI SDK's model objects, or what one is made of: `{ provider: "anthropic", name: "…" }`. */
  readonly model: Model | AiSdkModel | SpelledModelOptions;
  /** @default "program" */
  readonly name?: string;
  /** @default "" */
  readonly systemPrompt?: string;
  readonly userPrompt?: string;
  /** Of the model's API: they reach the provider untouched, known to this package or not. */
  readonly parameters?: JsonObject;
  /** Made by `tool()`, names of built-in tools, or entries that rename those. */
  readonly tools?: readonly (Tool | ToolEntry | string)[];
  /** Tools that are opened with each process of the program and closed with it: those of a server, of a browser. */
  readonly toolboxes?: readonly Toolbox[];
  /** Whether the tool calls of one reply run at the same time. @default true */
  readonly parallelToolCalls?: boolean;
  /** For tools that name no limit of their own, in milliseconds. @default 120_000 */
  readonly toolTimeoutMs?: number;
  /** What a model reads of one result at most, for tools that name no limit of their own. @default 100_000 */
  readonly maxToolResultCharacters?: number;
  /** The directory that file tools stay in. @default the current directory */
  readonly root?: string;
  /** @default { turns: 50, children: 200, depth: 10, parallelCalls: 50 } */
  readonly limits?: LimitOptions;
  /** In US dollars for a million tokens. @default the vendor's list prices */
  readonly pricing?: PricingOptions;
  /** @default { maxAttempts: 6, initialDelayMs: 1000, maxDelayMs: 60_000, deadlineMs: 600_000 } */
  readonly retry?: RetryOptions;
  /** What `spawn` can start: programs, or paths of their files, which are read when first needed. */
  readonly linkedPrograms?: Readonly<Record<string, Program | string | ProgramLinkOptions<Program>>>;
  readonly callbacks?: readonly Callback[];
  /** Files whose default exports are callbacks. */
  readonly callbackModules?: readonly string[];
  /** Tools that a person must approve before each call, by the names that the model calls them by; `"*"` for all. */
  readonly approval?: readonly string[] | "*";
  readonly demo?: DemoOptions;
}

/** `baseURL` is taken for `baseUrl`. */
type SpelledModelOptions = ModelOptions & { readonly baseURL?: string };

export interface ProgramLinkOptions<Program> {
  readonly program: Program | string;
  /** For the model: what the program is good at. */
  readonly description?: string;
}

/** A linked program: itself, or the absolute path of its file. */
export interface ProgramLink<Program> {
  readonly program: Program | string;
  readonly description: string;
}

interface CheckedOptions<Program> extends LLMProgramOptions<Program> {
  readonly model: Model | ModelOptions;
}

/** A checked copy of the options. @throws ProgramError that names all that is wrong */
export function checkProgramOptions<Program>(
  options: unknown,
  isProgram: (value: unknown) => value is Program,
): CheckedOptions<Program> {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ProgramError([{ message: `new LLMProgram takes one object of options, found ${showValue(options)}.` }]);
  }
  const problems: Problem[] = [];
  const checked = checkValue(programOptionsSchema(isProgram), options, "code", problems);
  if (checked === undefined) throw new ProgramError(problems);
  const parameters = frozenData(checked.parameters ?? {}, ["parameters"], problems);
  addProblems(problems, checkTools(checked.tools ?? [], ["tools"]), "code");
  // Which tools a toolbox brings is seen when it is opened.
  const isKnown = (checked.toolboxes ?? []).length === 0;
  const named = isKnown ? (checked.approval ?? []) : [];
  addProblems(problems, checkApproval(named, checked.tools ?? [], ["approval"]), "code");
  let model = isAiSdkModel(checked.model) ? aiSdk(checked.model) : checked.model;
  if (!("send" in model)) {
    addProblems(
      problems,
      checkModel(model, ["model"], (key) => key),
      "code",
    );
    model = frozenData(model, ["model"], problems);
  }
  if (problems.length > 0) throw new ProgramError(problems);
  return { ...checked, parameters, model };
}

/** A frozen copy of what should be JSON data; a problem if it is not. */
function frozenData<T>(value: T, path: Path, problems: Problem[]): T {
  const plain = plainData(value, path, "code");
  // A copy of JSON data has the type of the original.
  if ("data" in plain) return deepFreeze(plain.data as T);
  problems.push(plain.problem);
  return value;
}

/** What a file says, as options. */
export function optionsOfFile({ data, baseName, systemPrompt }: ProgramFile): LLMProgramOptions<never> {
  const { prompt, tools, limits, linkedPrograms, callbacks, model, ...rest } = data;
  const { maxIterations, ...modelOptions } = model;
  // The original's `max_iterations` and `[limits] turns` say the same: the smaller holds.
  const turns = [limits?.turns, maxIterations].filter((value) => value !== undefined);
  return {
    ...pick(rest, ["parameters", "pricing", "retry", "demo"]),
    model: modelOptions,
    name: data.demo?.displayName ?? baseName,
    systemPrompt,
    ...(prompt?.user !== undefined && { userPrompt: prompt.user }),
    ...(tools?.builtin && { tools: tools.builtin }),
    ...(tools?.parallel !== undefined && { parallelToolCalls: tools.parallel }),
    ...(tools?.timeoutMs !== undefined && { toolTimeoutMs: tools.timeoutMs }),
    ...(tools?.maxResultCharacters !== undefined && { maxToolResultCharacters: tools.maxResultCharacters }),
    ...(tools?.root !== undefined && { root: tools.root }),
    limits: { ...limits, ...(turns.length > 0 && { turns: Math.min(...turns) }) },
    ...(linkedPrograms && { linkedPrograms: Object.fromEntries(Object.entries(linkedPrograms).map(linkOption)) }),
    ...(callbacks?.modules && { callbackModules: callbacks.modules }),
    ...(callbacks?.approval && { approval: callbacks.approval }),
  };
}

function linkOption([name, link]: [string, string | { path: string; description?: string }]): [
  string,
  ProgramLinkOptions<never>,
] {
  if (typeof link === "string") return [name, { program: link }];
  const { path: program, description = "" } = link;
  return [name, { program, description }];
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as Pick<T, K>;
}
