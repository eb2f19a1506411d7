import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^llmproc$/, replacement: source("index.ts") },
      { find: /^llmproc\/testing$/, replacement: source("testing.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/grammar.ts"],
    globalSetup: ["test/house/print-node.ts"],
    testTimeout: 20_000,
    pool: "forks",
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
