import type { Alias, Node, Pair, YAMLMap } from "yaml";
import type { Path } from "./path.ts";
import { showKey } from "./path.ts";

type Yaml = typeof import("yaml");

/** What a document says, as plain values, and where in its text. */
export interface YamlData {
  readonly data: unknown;
  /** Of the key or item at `path`; where it is absent, of the nearest thing around it. */
  offsetOf(path: Path): number;
}

export interface YamlFault {
  readonly fault: string;
  readonly offset: number;
}

/** In a chain of maps each takes over all keys of those before it: without a limit, their number is squared. */
const MOST_MERGED = 50_000;

/**
 * The values that the nodes of a document stand for. An alias becomes the very value of its anchor, so that nothing is
 * made twice however often it is used, and one walk is enough: the parser's own conversion looks at all anchors again
 * for each alias, and at all that was merged before for each merge.
 */
export function yamlData(yaml: Yaml, root: Node | null): YamlData | YamlFault {
  const reader = new Reader(yaml);
  try {
    const data = reader.value(root);
    return { data, offsetOf: (path) => reader.offsetOf(root, path) };
  } catch (error) {
    if (error instanceof Faulty) return { fault: error.message, offset: error.offset };
    throw error;
  }
}

class Faulty extends Error {
  readonly offset: number;

  constructor(message: string, node: unknown) {
    super(message);
    this.offset = startOf(node);
  }
}

interface Anchored {
  readonly node: Node;
  readonly value: unknown;
}

class Reader {
  readonly #yaml: Yaml;
  /** The last of each name so far. */
  readonly #anchors = new Map<string, Anchored>();
  readonly #aliases = new Map<Alias, Node>();
  #merged = 0;

  constructor(yaml: Yaml) {
    this.#yaml = yaml;
  }

  value(node: unknown): unknown {
    const yaml = this.#yaml;
    if (yaml.isAlias(node)) return this.#aliased(node);
    if (yaml.isMap(node)) {
      // Without a prototype, so that `__proto__` is a key like others, and can be refused as one.
      const values: Record<string, unknown> = Object.create(null);
      this.#anchor(node, values);
      return this.#fill(values, node);
    }
    if (yaml.isSeq(node)) {
      const items: unknown[] = [];
      this.#anchor(node, items);
      for (const item of node.items) items.push(this.value(item));
      return items;
    }
    if (!yaml.isScalar(node)) return null;
    this.#anchor(node, node.value);
    return node.value;
  }

  /** Before what is inside: an alias in there may mean the whole. */
  #anchor(node: Node & { anchor?: string }, value: unknown): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { node, value });
  }

  #aliased(alias: Alias): unknown {
    const anchored = this.#anchors.get(alias.source);
    if (anchored === undefined) throw new Faulty(`the alias *${showKey(alias.source)} has no anchor before it.`, alias);
    this.#aliases.set(alias, anchored.node);
    return anchored.value;
  }

  #fill(values: Record<string, unknown>, map: YAMLMap): Record<string, unknown> {
    const written = new Set<string>();
    for (const { key, value } of map.items) {
      const name = this.#nameOf(key);
      const below = this.value(value);
      if (this.#isMerge(key)) this.#merge(values, below, value);
      else if (written.has(name)) throw new Faulty(`the key ${showKey(name)} is there twice in the same table.`, key);
      else {
        written.add(name);
        values[name] = below;
      }
    }
    return values;
  }

  #nameOf(key: unknown): string {
    return String(this.#yaml.isScalar(key) ? key.value : key);
  }

  /** In quotes, `<<` is a name like others. */
  #isMerge(key: unknown): boolean {
    return this.#yaml.isScalar(key) && key.type === "PLAIN" && key.value === "<<";
  }

  /** What is written in a map counts for more than what is merged into it, and what is merged first for more than what follows. */
  #merge(values: Record<string, unknown>, from: unknown, node: unknown): void {
    for (const source of Array.isArray(from) ? from : [from]) {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        throw new Faulty("<< takes a table, or a list of tables.", node);
      }
      for (const [name, value] of Object.entries(source)) {
        if (++this.#merged > MOST_MERGED) throw new Faulty(`it merges more than ${MOST_MERGED} keys.`, node);
        if (!Object.hasOwn(values, name)) values[name] = value;
      }
    }
  }

  offsetOf(root: unknown, path: Path): number {
    const yaml = this.#yaml;
    let offset = 0;
    let node = root;
    for (const step of path) {
      if (yaml.isAlias(node)) node = this.#aliases.get(node);
      if (yaml.isMap(node)) {
        const pair: Pair | undefined = node.items.find((item) => this.#nameOf(item.key) === step);
        if (pair === undefined) break;
        offset = startOf(pair.key, offset);
        node = pair.value;
      } else if (yaml.isSeq(node) && typeof step === "number") {
        node = node.items[step];
        offset = startOf(node, offset);
      } else break;
    }
    return offset;
  }
}

function startOf(node: unknown, otherwise = 0): number {
  const range: unknown = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : otherwise;
}
