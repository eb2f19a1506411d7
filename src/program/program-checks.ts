import type { Tool } from "../process/contract/tool.ts";
import { isTool } from "../process/contract/tool.ts";
import { didYouMean, listed } from "../text/did-you-mean.ts";
import { BUILT_IN_TOOL_NAMES } from "../tools/built-in-tool-names.ts";
import type { Problem } from "./check-value.ts";
import { showText } from "./check-value.ts";
import type { Path } from "./path.ts";
import type { ToolEntry } from "./program-schema.ts";

/** Built-in tools that are to come: a program that names one is told so. */
const COMING_TOOLS: readonly string[] = ["goto", "read_fd", "fd_to_file"];

type AnyTool = Tool | ToolEntry | string;

/** `path` is that of the list. */
export function* checkTools(tools: readonly AnyTool[], path: Path): Generator<Problem> {
  const seen = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    const at = [...path, index];
    const entry = typeof tool === "string" ? { name: tool } : tool;
    const nameAt = typeof tool === "string" ? at : [...at, "name"];
    if (!isTool(entry)) yield* checkEntry(entry, at, nameAt);
    const name = nameOf(entry);
    if (seen.has(name)) {
      const message = `gives a second tool the name ${showText(name)}. Names must differ: give one an alias.`;
      yield { path: at, message };
    }
    seen.add(name);
  }
}

/** What a model calls it by. */
function nameOf(tool: AnyTool): string {
  if (typeof tool === "string") return tool;
  return "alias" in tool && tool.alias !== undefined ? tool.alias : tool.name;
}

/** Names of tools that must be there: a slip in one would leave a tool without approval. `path` is that of the list. */
export function* checkApproval(
  names: readonly string[] | "*",
  tools: readonly AnyTool[],
  path: Path,
): Generator<Problem> {
  if (names === "*") return;
  const known = new Set(tools.map(nameOf));
  for (const [index, name] of names.entries()) {
    const unknown = known.has(name) ? undefined : unknownTool(name, tools);
    if (unknown !== undefined) yield { path: [...path, index], message: `found the text ${unknown}` };
  }
}

/** Why no tool of a program has that name: `"ls", which is …`; undefined if one has. */
export function unknownTool(name: string, tools: readonly AnyTool[]): string | undefined {
  const known = tools.map(nameOf);
  if (name === "*" || known.includes(name)) return undefined;
  const renamed = tools.find((tool) => typeof tool !== "string" && tool.name === name);
  const all = known.length === 0 ? " It has none." : ` It has ${listed(known)}.`;
  const hint = renamed === undefined ? didYouMean(name, known) || all : ` It is called ${showText(nameOf(renamed))}.`;
  return `${showText(name)}, which is no tool of this program.${hint}`;
}

function* checkEntry(entry: ToolEntry, at: Path, nameAt: Path): Generator<Problem> {
  if (COMING_TOOLS.includes(entry.name)) {
    const message = `names the tool ${showText(entry.name)}, which this version does not have yet.`;
    yield { path: nameAt, message };
  } else if (!BUILT_IN_TOOL_NAMES.some((name) => name === entry.name)) {
    const hint = didYouMean(entry.name, BUILT_IN_TOOL_NAMES) || ` Known are ${BUILT_IN_TOOL_NAMES.join(", ")}.`;
    yield { path: nameAt, message: `found the text ${showText(entry.name)}, which is no built-in tool.${hint}` };
  }
  if (entry.alias !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(entry.alias)) {
    const expected = "expected up to 64 letters, digits, _ and -";
    yield { path: [...at, "alias"], message: `found the text ${showText(entry.alias)}, ${expected}.` };
  }
  if (entry.access === "admin") {
    const message =
      'found the text "admin": this version does not keep a tool from children yet, so it does not say it would.';
    yield { path: [...at, "access"], message };
  }
}
