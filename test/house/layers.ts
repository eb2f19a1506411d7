import { posix } from "node:path";
import type { Sources } from "./project-files.ts";
import type { ModuleFacts, ModuleImport } from "./read-module.ts";
import { readModule } from "./read-module.ts";

/** The rows of the house, lowest first. What stands in one row are neighbours: they do not know each other. */
const ROWS = [
  ["errors.ts", "json.ts"],
  ["events"],
  ["text"],
  ["dispatch"],
  ["process"],
  ["models", "tools"],
  ["callbacks"],
  ["program"],
  ["log"],
  ["cli"],
  ["index.ts", "testing.ts"],
] as const;

/** The rooms of the loop, lowest first: a room imports those above it in this list, files beside them all. */
const ROOMS = ["contract", "money", "talk", "state", "tree", "calls", "loop"];

/** Shipped callbacks prove that the public interface is enough: they see what a user's callback sees. */
const SEEN_BY_CALLBACKS = ["callbacks", "events", "text", "errors.ts", "json.ts"];

const PROVIDERS = /anthropic|openai|google|gemini|claude|gpt-|mistral|ollama|vllm|openrouter|scripted/i;

const BUILT_IN_TOOLS = new Set([
  "calculator",
  "read_file",
  "list_dir",
  "write_stderr",
  "fork",
  "spawn",
  "goto",
  "read_fd",
  "fd_to_file",
]);

/** What is wrong with the arrows between the files of `src`, one line for each fault. */
export function layerFaults(sources: Sources): string[] {
  const modules = new Map([...sources].map(([path, source]) => [path, readModule(path, source)]));
  return [...modules].flatMap(([path, facts]) => fileFaults(path, facts, sources)).concat(cycles(modules));
}

function fileFaults(path: string, facts: ModuleFacts, sources: Sources): string[] {
  const place = placeOf(path);
  if (rowOf(place) === undefined) return [`${path} is in no row of the house`];
  const room = place === "process" ? roomOf(path) : undefined;
  if (room !== undefined && !ROOMS.includes(room)) return [`${path} is in no room of the loop`];
  const faults = facts.imports.flatMap(({ specifier }) => {
    if (/^llmproc(\/|$)/.test(specifier)) return [`${path} imports the package itself (${specifier})`];
    if (!specifier.startsWith(".")) return [];
    const target = resolve(path, specifier);
    if (!sources.has(target)) return [`${path} imports ${specifier}, which is no file of src`];
    const allowed = isAllowed(place, placeOf(target)) && isAllowedInLoop(path, target);
    return allowed ? [] : [`${path} must not import ${target}`];
  });
  return place === "process" ? [...faults, ...namesInTheLoop(path, facts)] : faults;
}

function isAllowed(from: string, to: string): boolean {
  if (from === to) return !from.endsWith(".ts");
  if (from === "callbacks") return SEEN_BY_CALLBACKS.includes(to);
  const fromRow = rowOf(from);
  const toRow = rowOf(to);
  return fromRow !== undefined && toRow !== undefined && toRow < fromRow;
}

function isAllowedInLoop(from: string, to: string): boolean {
  if (placeOf(from) !== "process" || placeOf(to) !== "process") return true;
  const fromRoom = roomOf(from);
  const toRoom = roomOf(to);
  return fromRoom === undefined || (toRoom !== undefined && ROOMS.indexOf(toRoom) <= ROOMS.indexOf(fromRoom));
}

/** `loop` for `src/process/loop/turn.ts`; undefined for a file beside the rooms. */
function roomOf(path: string): string | undefined {
  const [, , room, file] = path.split("/");
  return file === undefined ? undefined : room;
}

/** The loop knows no provider and no tool by name. */
function namesInTheLoop(path: string, { code, literals }: ModuleFacts): string[] {
  const provider = PROVIDERS.exec(code)?.[0];
  const tools = literals.filter((literal) => BUILT_IN_TOOLS.has(literal));
  return [
    ...(provider === undefined ? [] : [`${path} names a provider (${provider})`]),
    ...tools.map((tool) => `${path} names a built-in tool (${tool})`),
  ];
}

/** Circles of files that run each other, or whose types name each other. `events` is one web of types, and may be. */
function cycles(modules: ReadonlyMap<string, ModuleFacts>): string[] {
  const running = circles(modules, ({ isValue }) => isValue);
  const naming = circles(modules, () => true).filter((circle) => !running.some((other) => isSame(circle, other)));
  const ofTypes = naming.filter((circle) => !circle.every((path) => placeOf(path) === "events"));
  return [
    ...running.map((circle) => `import cycle: ${arrows(circle)}`),
    ...ofTypes.map((circle) => `import cycle of types: ${arrows(circle)}`),
  ];
}

function circles(
  modules: ReadonlyMap<string, ModuleFacts>,
  counts: (found: ModuleImport) => boolean,
): readonly (readonly string[])[] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(trail.slice(start));
    if (start >= 0 || done.has(path)) return;
    for (const one of modules.get(path)?.imports ?? []) {
      if (counts(one) && one.specifier.startsWith(".")) visit(resolve(path, one.specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of modules.keys()) visit(path, []);
  return found;
}

function isSame(circle: readonly string[], other: readonly string[]): boolean {
  return joined(circle) === joined(other);
}

/** Whichever of them it begins with. */
function joined(circle: readonly string[]): string {
  return circle.toSorted().join(" ↔ ");
}

function arrows(circle: readonly string[]): string {
  return [...circle, ...circle.slice(0, 1)].join(" → ");
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** `events` for `src/events/callback.ts`, `index.ts` for `src/index.ts`. */
function placeOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function rowOf(place: string): number | undefined {
  const row = ROWS.findIndex((names) => names.some((name) => name === place));
  return row < 0 ? undefined : row;
}
