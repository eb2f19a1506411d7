import type { Plugin } from "rolldown";
import { defineConfig } from "rolldown";

export const ENTRIES = { index: "src/index.ts", testing: "src/testing.ts", "cli/main": "src/cli/main.ts" };

/**
 * One file for what every import needs, others for what is loaded when it is used: a module costs a third of a
 * millisecond to find and read, and there are more than a hundred. Packages stay outside.
 */
export default defineConfig({
  input: ENTRIES,
  platform: "node",
  external: /^(?!node:)[^./\0]/,
  plugins: [nodesOwnModules()],
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    // As deep as dist/cli, so that what is looked up from import.meta.url is found from either.
    chunkFileNames: "chunks/[name].js",
  },
});

/**
 * An `import` of a module of Node's own makes Node look at each of its exports, and so load what stands behind the lazy
 * ones: promises and streams behind `node:fs`, the network and the terminal behind `node:process`. That was a third of
 * the time that importing this package took. Asked for by function, a module loads nothing else.
 */
function nodesOwnModules(): Plugin {
  return {
    name: "nodes-own-modules",
    resolveId: {
      filter: { id: /^node:/ },
      handler(id, _importer, { kind }) {
        // The bundler's own help for CommonJS needs `node:module` as it is.
        const isAsked = kind === "import-statement" && id !== "node:module";
        return isAsked ? `\0${id}` : { id, external: true };
      },
    },
    load: {
      filter: { id: /^\0node:/ },
      handler: (id) => `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(1))});`,
    },
  };
}
