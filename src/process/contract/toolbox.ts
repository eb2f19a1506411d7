import { LLMProcError, toError } from "../../errors.ts";
import { deepFreeze } from "../../json.ts";
import type { ToolDescription } from "./model.ts";
import type { Tool } from "./tool.ts";

/**
 * Tools that must be opened before they can be used, and closed after: those of a server, of a browser, of a database. It
 * stands in a program's `tools`; it is opened for each process that the program starts, before its first event, and closed
 * when that process is closed, behind all of its descendants, who use the same.
 */
export interface Toolbox {
  /** For messages. */
  readonly name: string;
  /**
   * What it throws keeps the process from starting; those opened before it are closed.
   * @param signal aborts when nobody needs it any more: another toolbox could not be opened
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
   * Opens the toolboxes, all at the same time.
   * @throws LLMProcError `toolbox_failed` if one cannot be opened, or brings a tool whose name another has; by then all are closed
   */
  static open(own: readonly Tool[], toolboxes: readonly Toolbox[]): Tools | Promise<Tools> {
    if (toolboxes.length > 0) return Tools.#openAll(own, toolboxes);
    const known = withoutToolboxes.get(own);
    if (known !== undefined) return known;
    const tools = new Tools(own, []);
    withoutToolboxes.set(own, tools);
    return tools;
  }

  static async #openAll(own: readonly Tool[], toolboxes: readonly Toolbox[]): Promise<Tools> {
    const aborter = new AbortController();
    const opening = toolboxes.map(async (toolbox) => {
      try {
        return { toolbox, box: await toolbox.open(aborter.signal) };
      } catch (cause) {
        aborter.abort(cause);
        throw failed(toolbox, `could not be opened: ${toError(cause).message}`, cause);
      }
    });
    const settled = await Promise.allSettled(opening);
    const open = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    try {
      const fault = settled.find((one) => one.status === "rejected");
      if (fault !== undefined) throw fault.reason;
      return new Tools(allTools(own, open), open);
    } catch (fault) {
      await closeAll(open, performance.now() + CLOSE_MS);
      throw fault;
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
  readonly box: OpenToolbox;
}

function allTools(own: readonly Tool[], open: readonly Opened[]): readonly Tool[] {
  const owners = new Map(own.map(({ name }) => [name, "the program"]));
  const tools = [...own];
  for (const { toolbox, box } of open) {
    for (const tool of box.tools) {
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

/** All at the same time: one that hangs holds up none of the others. */
async function closeAll(open: readonly Opened[], dueMs: number): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, Math.max(dueMs - performance.now(), 0), "late");
  });
  const closing = open.map(async ({ toolbox: { name }, box }) => {
    try {
      const came = await Promise.race([box.close(), late]);
      return came === "late" ? [`The toolbox "${name}" was not closed in time: what it holds may be left behind.`] : [];
    } catch (thrown) {
      return [`The toolbox "${name}" could not be closed: ${toError(thrown).message}`];
    }
  });
  const problems = await Promise.all(closing);
  clearTimeout(timer);
  return problems.flat();
}

function failed({ name }: Toolbox, what: string, cause?: unknown): LLMProcError {
  return new LLMProcError("toolbox_failed", `The toolbox "${name}" ${what}`, cause === undefined ? {} : { cause });
}
