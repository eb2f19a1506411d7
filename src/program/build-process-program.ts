import type { JsonObject } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { createModel } from "../models/create-model.ts";
import { fixedPrices, loadPrices, mayHaveListPrices } from "../models/prices.ts";
import type { Model } from "../process/contract/model.ts";
import type { Prices, ProcessProgram } from "../process/contract/process-program.ts";
import type { LinkedProgramInfo, Tool } from "../process/contract/tool.ts";
import { isTool } from "../process/contract/tool.ts";
import { didYouMean, listed } from "../text/did-you-mean.ts";
import type { BuiltInOptions } from "../tools/built-in-tools.ts";
import { builtInTool } from "../tools/built-in-tools.ts";
import { renamed } from "../tools/renamed.ts";
import { ProgramError } from "./program-error.ts";
import type { ProgramLink } from "./program-options.ts";
import type { ModelOptions, PricingOptions, ToolEntry } from "./program-schema.ts";

/** What is read of a program here. */
export interface BuildableProgram
  extends Pick<
    ProcessProgram,
    | "name"
    | "systemPrompt"
    | "parameters"
    | "toolboxes"
    | "toolTimeoutMs"
    | "maxToolResultCharacters"
    | "parallelToolCalls"
    | "limits"
    | "retry"
    | "loadCallbacks"
  > {
  readonly model: Model | ModelOptions;
  readonly tools: readonly (Tool | ToolEntry | string)[];
  readonly root: string;
  readonly pricing: PricingOptions | undefined;
  readonly linkedPrograms: Readonly<Record<string, ProgramLink<BuildableProgram>>>;
}

/** Programs that are being built or are ready, by themselves or by the path of their file. */
type Built = Map<BuildableProgram | string, Promise<ProcessProgram>>;
type LoadProgram = (path: string) => BuildableProgram;

/** Makes ready what a program names. Linked programs are read and built when they are first asked for. */
export function buildProcessProgram(program: BuildableProgram, load: LoadProgram): Promise<ProcessProgram> {
  const built: Built = new Map();
  const ready = build(program, "", load, built);
  built.set(program, ready);
  return ready;
}

async function build(program: BuildableProgram, key: string, load: LoadProgram, built: Built): Promise<ProcessProgram> {
  const linkedPrograms: readonly LinkedProgramInfo[] = Object.entries(program.linkedPrograms).map(
    ([name, { description }]) => Object.freeze({ name, description }),
  );
  const { root, limits } = program;
  const { shares } = limits;
  return Object.freeze<ProcessProgram>({
    key,
    name: program.name,
    model: "send" in program.model ? program.model : createModel(program.model),
    systemPrompt: program.systemPrompt,
    parameters: program.parameters,
    tools: Object.freeze(program.tools.map((entry) => buildTool(entry, { root, linkedPrograms, shares }))),
    toolboxes: program.toolboxes,
    toolTimeoutMs: program.toolTimeoutMs,
    maxToolResultCharacters: program.maxToolResultCharacters,
    parallelToolCalls: program.parallelToolCalls,
    limits,
    retry: program.retry,
    prices: await buildPrices(program),
    linkedPrograms: Object.freeze(linkedPrograms),
    loadCallbacks: () => program.loadCallbacks(),
    loadLinked: async (name) => {
      const link = Object.hasOwn(program.linkedPrograms, name) ? program.linkedPrograms[name] : undefined;
      if (link === undefined) throw notLinked(program.name, name, Object.keys(program.linkedPrograms));
      return await buildLinked(link.program, keyOf(key, name), load, built);
    },
  });
}

/** A name may have a slash in it: the parts of a key are told apart. */
function keyOf(key: string, name: string): string {
  const part = encodeURIComponent(name.toWellFormed());
  return key === "" ? part : `${key}/${part}`;
}

/** Once each, so that programs which link each other end in the same two, however deep their processes spawn. */
function buildLinked(
  linked: BuildableProgram | string,
  key: string,
  load: LoadProgram,
  built: Built,
): Promise<ProcessProgram> {
  const known = built.get(linked);
  if (known !== undefined) return known;
  const ready = Promise.resolve(linked).then((program) =>
    build(typeof program === "string" ? load(program) : program, key, load, built),
  );
  built.set(linked, ready);
  // A file that was wrong may be mended before it is asked for again.
  ready.catch(() => built.delete(linked));
  return ready;
}

function notLinked(program: string, name: string, known: readonly string[]): ProgramError {
  const all = known.length === 0 ? " It links none." : ` Linked are ${listed(known)}.`;
  const hint = didYouMean(name, known) || all;
  return new ProgramError([{ message: `${program} links no program "${name}".${hint}` }]);
}

async function buildPrices({ pricing, model }: BuildableProgram): Promise<Prices> {
  if (pricing !== undefined) return fixedPrices(pricing);
  // There is no list to load where nothing in it can be meant.
  if (!mayHaveListPrices(model.provider)) return NO_PRICES;
  return await loadPrices();
}

const NO_PRICES: Prices = Object.freeze({ areOwn: false, usdCost: () => undefined, mostUsd: () => undefined });

function buildTool(entry: Tool | ToolEntry | string, options: BuiltInOptions): Tool {
  if (isTool(entry)) return entry;
  const { name, alias, description, paramDescriptions } = typeof entry === "string" ? { name: entry } : entry;
  const tool = builtInTool(name, options);
  // The program's options have been checked: only a tool of another version of this package could be missing.
  if (tool === undefined) throw new ProgramError([{ message: `There is no built-in tool "${name}".` }]);
  const own = renamed(tool, {
    ...(alias !== undefined && { alias }),
    ...(description !== undefined && { description }),
  });
  return paramDescriptions === undefined ? own : describedParameters(own, paramDescriptions);
}

/** The tool with other words for its parameters; it takes the same arguments. */
function describedParameters(tool: Tool, descriptions: Readonly<Record<string, string>>): Tool {
  const properties = isJsonObject(tool.parameters.properties) ? tool.parameters.properties : {};
  const described: Record<string, JsonObject[string]> = { ...properties };
  for (const [name, description] of Object.entries(descriptions)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isJsonObject(property)) {
      const known = Object.keys(properties);
      const hint = didYouMean(name, known) || ` It has ${listed(known)}.`;
      throw new ProgramError([{ message: `The tool "${tool.name}" has no parameter "${name}".${hint}` }]);
    }
    described[name] = Object.freeze({ ...property, description });
  }
  return Object.freeze({
    ...tool,
    parameters: Object.freeze({ ...tool.parameters, properties: Object.freeze(described) }),
  });
}
