import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isolatedTests } from "./test/house/isolated-tests.ts";

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));
const isolated = [...isolatedTests()];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^llmproc$/, replacement: source("index.ts") },
      { find: /^llmproc\/testing$/, replacement: source("testing.ts") },
    ],
  },
  test: {
    setupFiles: ["test/support/leave-as-found.ts", "test/support/grammar.ts"],
    globalSetup: ["test/house/print-node.ts", "test/support/bundle.ts"],
    // A limit for what hangs, however busy the machine is; nothing here says how fast something is.
    testTimeout: 120_000,
    pool: "forks",
    // One more than there are processors: some always wait, for a time to pass or a command to end.
    maxWorkers: availableParallelism() + 1,
    allowOnly: false,
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      { extends: true, test: { name: "isolated", include: isolated } },
      { extends: true, test: { name: "shared", include: ["test/**/*.test.ts"], exclude: isolated, isolate: false } },
    ],
  },
});
