import { resolve } from "node:path";
import { approval } from "../callbacks/approval.ts";
import type { Callback } from "../events/callback.ts";
import type { JsonObject } from "../json.ts";
import type { Model } from "../process/contract/model.ts";
import type { ProcessProgram, ProgramLimits, RetryPolicy } from "../process/contract/process-program.ts";
import { readOptions } from "../process/contract/read-options.ts";
import type { Tool } from "../process/contract/tool.ts";
import type { Toolbox } from "../process/contract/toolbox.ts";
import type { LLMProcess } from "../process/llm-process.ts";
import { startProcess } from "../process/start-process.ts";
import type { ProcessStartOptions } from "../process/state/start-options.ts";
import { START_OPTIONS } from "../process/state/start-options.ts";
import type { ProcessPromise } from "../process/tree/process-promise.ts";
import { loadCallbackModules } from "./callback-modules.ts";
import type { FileFormat } from "./program-file.ts";
import { readProgramFile } from "./program-file.ts";
import type { LLMProgramOptions, ProgramLink } from "./program-options.ts";
import { checkProgramOptions, optionsOfFile } from "./program-options.ts";
import type { DemoOptions, ModelOptions, PricingOptions, RetryOptions, ToolEntry } from "./program-schema.ts";
import { checkedRetry, withRetry } from "./start-retry.ts";

/** What `program.start()` takes. */
export interface StartOptions extends ProcessStartOptions {
  /**
   * What asks for the approvals that the program wants; `false` for nothing. @default asks on the terminal
   */
  readonly approval?: Callback | false;
  /**
   * When failed requests are sent again: each key wins over what the program says, for the process and all its
   * descendants, those that run linked programs among them. @default what each program says
   */
  readonly retry?: RetryOptions;
}

/**
 * What to run: model, prompt, parameters, tools, limits. Immutable; any number of processes can run it.
 *
 * @example
 * const program = LLMProgram.fromToml("config.toml");
 * @example
 * const program = new LLMProgram({ model: { provider: "anthropic", name: "claude-opus-5-5" }, tools: ["calculator"] });
 */
export class LLMProgram {
  /** What its processes are called. @default the file's `display_name` or name; `"program"` in code */
  readonly name: string;
  readonly model: Model | ModelOptions;
  readonly systemPrompt: string;
  /** What a command line runs if it is given no other prompt. */
  readonly userPrompt: string | undefined;
  /** They reach the provider untouched. */
  readonly parameters: JsonObject;
  readonly tools: readonly (Tool | ToolEntry | string)[];
  readonly toolboxes: readonly Toolbox[];
  readonly parallelToolCalls: boolean;
  readonly toolTimeoutMs: number;
  readonly maxToolResultCharacters: number;
  /** The directory that file tools stay in, absolute. */
  readonly root: string;
  readonly limits: ProgramLimits;
  /** Undefined: the vendor's list prices. */
  readonly pricing: PricingOptions | undefined;
  readonly retry: RetryPolicy;
  readonly linkedPrograms: Readonly<Record<string, ProgramLink<LLMProgram>>>;
  readonly callbacks: readonly Callback[];
  /** Files whose default exports are callbacks, absolute. */
  readonly callbackModules: readonly string[];
  /** Tools that a person must approve before each call; `"*"` stands for all. */
  readonly approval: readonly string[];
  readonly demo: DemoOptions | undefined;
  #ready: Promise<ProcessProgram> | undefined;

  /** @throws ProgramError `program_invalid` that names every option that is wrong */
  constructor(options: LLMProgramOptions<LLMProgram>) {
    const checked = checkProgramOptions(options, isProgram);
    const { limits = {}, retry = {}, linkedPrograms = {}, callbackModules = [] } = checked;
    this.name = checked.name ?? checked.demo?.displayName ?? "program";
    this.model = checked.model;
    this.systemPrompt = (checked.systemPrompt ?? "").toWellFormed();
    this.userPrompt = checked.userPrompt;
    this.parameters = checked.parameters ?? {};
    this.tools = Object.freeze([...(checked.tools ?? [])]);
    this.toolboxes = Object.freeze([...(checked.toolboxes ?? [])]);
    this.parallelToolCalls = checked.parallelToolCalls ?? true;
    this.toolTimeoutMs = checked.toolTimeoutMs ?? 120_000;
    this.maxToolResultCharacters = checked.maxToolResultCharacters ?? 100_000;
    this.root = resolve(checked.root ?? ".");
    this.limits = Object.freeze({ ...LIMITS, ...limits });
    this.pricing = checked.pricing === undefined ? undefined : Object.freeze(checked.pricing);
    this.retry = Object.freeze({ ...RETRY, ...retry });
    this.linkedPrograms = Object.freeze(linksOf(linkedPrograms));
    this.callbacks = Object.freeze([...(checked.callbacks ?? [])]);
    this.callbackModules = Object.freeze(callbackModules.map((path) => resolve(path)));
    this.approval = Object.freeze(checked.approval === "*" ? ["*"] : [...(checked.approval ?? [])]);
    this.demo = checked.demo;
    Object.freeze(this);
  }

  /**
   * Reads a `.toml`, `.yaml` or `.yml` file.
   * @throws ProgramError `program_invalid` with file, line and column of everything that is wrong
   */
  static fromFile(path: string | URL): LLMProgram {
    return programOfFile(path);
  }

  /** Reads a TOML file, whatever its ending. @throws ProgramError as `fromFile` */
  static fromToml(path: string | URL): LLMProgram {
    return programOfFile(path, "toml");
  }

  /** Reads a YAML file, whatever its ending. @throws ProgramError as `fromFile` */
  static fromYaml(path: string | URL): LLMProgram {
    return programOfFile(path, "yaml");
  }

  /**
   * The program with its model, tools and prices at hand. Processes of one program share them, but for a scripted
   * model that is given as options: each gets its script from the start.
   * @throws LLMProcError `model_unavailable` if there is no such model
   */
  toProcessProgram(): Promise<ProcessProgram> {
    if (!("send" in this.model) && this.model.replies !== undefined) return build(this);
    this.#ready ??= build(this).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /**
   * Starts a process, on the next microtask: a callback chained before the `await` hears everything.
   *
   * @example
   * const proc = await program.start().addCallback(callback);
   * @throws LLMProcError `run_invalid`, `model_unavailable`, `callback_invalid`; ProgramError if a callback module
   * cannot be loaded
   */
  start(given: StartOptions = {}): ProcessPromise<LLMProcess> {
    const { approval, retry: own, ...options } = readOptions(given, ["approval", "retry", ...START_OPTIONS], "start()");
    const retry = checkedRetry(own);
    // A border post: what is no callback is refused where it is registered.
    const asks = approval === undefined ? {} : { approval: approval as Callback | false };
    const ready = async () => ({
      program: withRetry(await this.toProcessProgram(), retry),
      callbacks: await this.loadCallbacks(asks),
    });
    return startProcess(ready, options);
  }

  /**
   * Its own callbacks, then those of its modules (a class among those is constructed for each call), and what asks for
   * the approvals that it wants.
   * @throws ProgramError
   */
  async loadCallbacks({ approval: given }: Pick<StartOptions, "approval"> = {}): Promise<readonly Callback[]> {
    const own = [...this.callbacks, ...(await loadCallbackModules(this.callbackModules))];
    if (given !== undefined) return given === false ? own : [...own, given];
    return this.approval.length === 0 ? own : [...own, approval({ tools: this.approval })];
  }
}

/**
 * The deadline leaves time for six streams that fall silent for the idle limit of 60 s, and for all that is waited
 * between them. A request that nobody has begun to answer for as long is not sent again.
 */
const LIMITS: ProgramLimits = { turns: 50, children: 200, depth: 10, parallelCalls: 50, warnAt: 0.8, shares: false };
const RETRY: RetryPolicy = { maxAttempts: 6, initialDelayMs: 1000, maxDelayMs: 60_000, deadlineMs: 600_000 };

/** Tools, models and prices are loaded when the first program is made ready: importing the package does not need them. */
async function build(program: LLMProgram): Promise<ProcessProgram> {
  const { buildProcessProgram } = await import("./build-process-program.ts");
  return await buildProcessProgram(program, (path) => LLMProgram.fromFile(path));
}

function programOfFile(path: string | URL, format?: FileFormat): LLMProgram {
  return new LLMProgram(optionsOfFile(readProgramFile(path, format)));
}

function isProgram(value: unknown): value is LLMProgram {
  return value instanceof LLMProgram;
}

function linksOf(
  links: NonNullable<LLMProgramOptions<LLMProgram>["linkedPrograms"]>,
): Readonly<Record<string, ProgramLink<LLMProgram>>> {
  const entries = Object.entries(links).map(([name, link]) => {
    const whole = typeof link === "string" || isProgram(link) ? { program: link } : link;
    const program = typeof whole.program === "string" ? resolve(whole.program) : whole.program;
    return [name, Object.freeze({ program, description: whole.description ?? "" })] as const;
  });
  return Object.fromEntries(entries);
}
