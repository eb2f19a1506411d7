import { defineConfig } from "rolldown";

export const ENTRIES = { index: "src/index.ts", testing: "src/testing.ts", "cli/main": "src/cli/main.ts" };

/**
 * One file for what every import needs, others for what is loaded when it is used: a module costs a third of a
 * millisecond to find and read, and there are more than a hundred. Packages stay outside.
 */
export default defineConfig({
  input: ENTRIES,
  platform: "node",
  external: /^[^./]/,
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    // As deep as dist/cli, so that what is looked up from import.meta.url is found from either.
    chunkFileNames: "chunks/[name].js",
  },
});
