import { describe, LLMProcError, toError } from "../../errors.ts";
import { deepFreeze } from "../../json.ts";
import type { ToolDescription } from "./model.ts";
import type { Tool } from "./tool.ts";
import { isTool } from "./tool.ts";

/**
 * Tools that must be opened before they can be used, and closed after: those of a server, of a browser, of a database. It
 * stands in a program's `toolboxes`; it is opened for each process that the program starts, before its first event, and closed
 * when that process is closed, behind all of its descendants, who use the same.
 */
export interface Toolbox {
  /** For messages. */
  readonly name: string;
  /**
   * What it throws keeps the process from starting; those opened before it are closed.
   * @param signal aborts when nobody needs it any more: another toolbox could not be opened, or the run that wants it is over
   */
  open(signal: AbortSignal): Promise<OpenToolbox> | OpenToolbox;
}

export interface OpenToolbox {
  readonly tools: readonly Tool[];
  /** Called once. What it throws is a line on the process's stderr. */
  close(): Promise<void> | void;
}

/** A program's tools as its processes use them: its own and those of its toolboxes. */
export class Tools {
  readonly byName: ReadonlyMap<string, Tool>;
  /** As a model is told of them. */
  readonly descriptions: readonly ToolDescription[];
  /** Whether one of them reads on in results that were cut. */
  readonly readCutResults: boolean;
  readonly #open: readonly Opened[];

  private constructor(tools: readonly Tool[], open: readonly Opened[]) {
    this.byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.descriptions = deepFreeze(
      tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    );
    this.readCutResults = tools.some(({ readsCutResults }) => readsCutResults);
    this.#open = open;
  }

  /**
   * Opens the toolboxes, all at the same time. `signal` aborts when nobody needs them any more.
   * @throws LLMProcError `toolbox_failed` if one cannot be opened, brings what is no tool, or a tool whose name another
   *   has; the reason of `signal`. By then all are closed, or will be: one that hangs as it opens holds up nobody
   */
  static open(own: readonly Tool[], toolboxes: readonly Toolbox[], signal?: AbortSignal): Tools | Promise<Tools> {
    if (toolboxes.length > 0) return Tools.#openAll(own, toolboxes, signal);
    const known = withoutToolboxes.get(own);
    if (known !== undefined) return known;
    const tools = new Tools(own, []);
    withoutToolboxes.set(own, tools);
    return tools;
  }

  static async #openAll(own: readonly Tool[], toolboxes: readonly Toolbox[], signal?: AbortSignal): Promise<Tools> {
    const unneeded = new AbortController();
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    const opening = toolboxes.map((toolbox) => opened(toolbox, unneeded.signal));
    try {
      const open = await Promise.race([Promise.all(opening), aborted.promise]);
      return new Tools(allTools(own, open), open);
    } catch (fault) {
      unneeded.abort(fault);
      await closeAll(opening, performance.now() + CLOSE_MS);
      throw fault;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Closes the toolboxes, and waits for them until then at most, on the monotonic clock. Returns what went wrong, in words
   * for the user.
   */
  async close(dueMs = performance.now() + CLOSE_MS): Promise<readonly string[]> {
    return this.#open.length === 0 ? [] : await closeAll(this.#open, dueMs);
  }
}

interface Opened {
  readonly toolbox: Toolbox;
  readonly tools: readonly Tool[];
  close(): unknown;
}

class NoToolbox extends Error {}

/** What `open()` gives may be anything: it is looked at once, here. */
async function opened(toolbox: Toolbox, signal: AbortSignal): Promise<Opened> {
  let close: (() => unknown) | undefined;
  try {
    const given: unknown = await toolbox.open(signal);
    if (typeof given !== "object" || given === null) throw new NoToolbox(`open() gave ${describe(given)}`);
    const closer: unknown = Reflect.get(given, "close");
    if (typeof closer !== "function") throw new NoToolbox(`open() gave something without close()`);
    close = () => closer.call(given);
    const tools = ownTools(Reflect.get(given, "tools"));
    return { toolbox, tools, close };
  } catch (cause) {
    const { message } = toError(cause);
    const what = cause instanceof NoToolbox ? `${message}; it is to give { tools, close }.` : message;
    if (close !== undefined) await closeAll([{ toolbox, tools: [], close }], performance.now() + CLOSE_MS);
    throw failed(toolbox, `could not be opened: ${what}`, cause);
  }
}

/** @throws NoToolbox for what is no list of tools */
function ownTools(given: unknown): readonly Tool[] {
  if (!Array.isArray(given)) throw new NoToolbox(`open() gave ${describe(given)} for tools`);
  return given.map((tool: unknown, place) => {
    if (isTool(tool)) return tool;
    throw new NoToolbox(`open() gave ${describe(tool)} for tool ${place + 1}, which tool() has not made`);
  });
}

function allTools(own: readonly Tool[], open: readonly Opened[]): readonly Tool[] {
  const owners = new Map(own.map(({ name }) => [name, "the program"]));
  const tools = [...own];
  for (const { toolbox, tools: brought } of open) {
    for (const tool of brought) {
      const owner = owners.get(tool.name);
      if (owner !== undefined) {
        throw failed(toolbox, `brings a tool "${tool.name}", and so does ${owner}: rename one of them.`);
      }
      owners.set(tool.name, `the toolbox "${toolbox.name}"`);
      tools.push(tool);
    }
  }
  return tools;
}

/** How long closing takes at most where nobody says less. */
const CLOSE_MS = 2000;

/** Of programs without toolboxes: all their processes use the same. */
const withoutToolboxes = new WeakMap<readonly Tool[], Tools>();

/**
 * All at the same time: one that hangs holds up none of the others. One that is opening yet is closed when it has opened,
 * also behind that time.
 */
async function closeAll(boxes: readonly (Opened | Promise<Opened>)[], dueMs: number): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, Math.max(dueMs - performance.now(), 0), "late");
  });
  const closing = boxes.map(async (one) => {
    if (!(one instanceof Promise)) return await closeOne(one, late);
    const nothing = one.catch(() => undefined);
    const open = await Promise.race([nothing, late]);
    if (typeof open === "object") return await closeOne(open, late);
    if (open === "late") void nothing.then((opened) => opened && closeOne(opened, late));
    return [];
  });
  const problems = await Promise.all(closing);
  clearTimeout(timer);
  return problems.flat();
}

async function closeOne(open: Opened, late: Promise<"late">): Promise<readonly string[]> {
  const { name } = open.toolbox;
  try {
    const came = await Promise.race([open.close(), late]);
    return came === "late" ? [`The toolbox "${name}" was not closed in time: what it holds may be left behind.`] : [];
  } catch (thrown) {
    return [`The toolbox "${name}" could not be closed: ${toError(thrown).message}`];
  }
}

function failed({ name }: Toolbox, what: string, cause?: unknown): LLMProcError {
  return new LLMProcError("toolbox_failed", `The toolbox "${name}" ${what}`, cause === undefined ? {} : { cause });
}
