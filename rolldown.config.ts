import { fileURLToPath } from "node:url";
import type { Plugin } from "rolldown";
import { defineConfig } from "rolldown";

export const ENTRIES = { index: "src/index.ts", testing: "src/testing.ts", "cli/main": "src/cli/main.ts" };

/** Every module that an import of the package needs, and every one that a process needs. */
const needed = new Set<string>();
const running = new Set<string>();

/**
 * One file for what every import needs, others for what is loaded when it is used: a module costs a third of a
 * millisecond to find and read, and there are more than a hundred. Packages stay outside.
 */
export default defineConfig({
  input: ENTRIES,
  platform: "node",
  external: /^(?!node:)[^./\0]/,
  plugins: [nodesOwnModules(), neededModules()],
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    // As deep as dist/cli, so that what is looked up from import.meta.url is found from either.
    chunkFileNames: "chunks/[name].js",
    codeSplitting: {
      groups: [
        { name: "core", test: (id) => needed.has(id) },
        { name: "process", test: (id) => running.has(id) },
        { name: "wire", test: /[\\/]src[\\/]models[\\/](wire|secrets)[\\/]/ },
      ],
    },
  },
});

/**
 * An `import` of a module of Node's own makes Node look at each of its exports, and so load what stands behind the lazy
 * ones: promises and streams behind `node:fs`, the network and the terminal behind `node:process`. That was a third of
 * the time that importing this package took. Asked for by function, a module loads nothing else; and one that Node has
 * not loaded by itself is asked for when the first of its names is used.
 */
function nodesOwnModules(): Plugin {
  return {
    name: "nodes-own-modules",
    resolveId: {
      filter: { id: /^node:/ },
      handler(id, importer, { kind }) {
        if (kind !== "import-statement" || importer === BUNDLERS_OWN) return { id, external: true };
        // The command line's first file has them for itself: it is not to load the whole package for `--version`.
        return importer === COMMAND ? `\0${id}?command` : `\0${id}`;
      },
    },
    load: {
      filter: { id: /^\0node:/ },
      handler: (id) => {
        const [name = "", isCommands] = id.slice(1).split("?");
        const ask = `process.getBuiltinModule(${JSON.stringify(name)})`;
        if (name === "node:process" || isCommands !== undefined) return `export default ${ask};`;
        return LOADED_BY_NODE.has(name) ? `module.exports = ${ask};` : `let own; module.exports = ${whenUsed(ask)};`;
      },
    },
    // The bundler's own help for modules does nothing by itself, and asks for what it does not use here.
    renderChunk: (code) => code.replace(/^import "(node:module|[./]+(chunks\/)?rolldown-runtime\.js)";\n/m, ""),
  };
}

const BUNDLERS_OWN = "\0rolldown/runtime.js";
const COMMAND = fileURLToPath(new URL(ENTRIES["cli/main"], import.meta.url));
const LOADED_BY_NODE = new Set(["node:buffer", "node:fs", "node:path", "node:url", "node:util"]);

/** Inherited, for that is what is left of a module that the bundler copies. */
function whenUsed(ask: string): string {
  return `Object.create(new Proxy({}, { get: (_, name) => (own ??= ${ask})[name] }))`;
}

function neededModules(): Plugin {
  return {
    name: "needed-modules",
    buildEnd() {
      const collect = (file: string, into: Set<string>): void => {
        into.clear();
        const open = [fileURLToPath(new URL(file, import.meta.url))];
        for (let id = open.pop(); id !== undefined; id = open.pop()) {
          if (into.has(id)) continue;
          into.add(id);
          open.push(...(this.getModuleInfo(id)?.importedIds ?? []));
        }
      };
      collect(ENTRIES.index, needed);
      collect("src/process/llm-process.ts", running);
    },
  };
}
