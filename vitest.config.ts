import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isolatedTests, testFiles } from "./test/house/test-files.ts";

const source = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

/** How these test files run. */
export function configFor(files: readonly string[], { exhaustive }: { readonly exhaustive: boolean }) {
  const isolated = isolatedTests();
  const alone = files.filter((file) => isolated.includes(file));
  return defineConfig({
    resolve: {
      alias: [
        { find: /^llmproc$/, replacement: source("index.ts") },
        { find: /^llmproc\/testing$/, replacement: source("testing.ts") },
      ],
    },
    test: {
      setupFiles: ["test/support/leave-as-found.ts", "test/support/grammar.ts"],
      globalSetup: ["test/house/print-node.ts", "test/support/bundle.ts"],
      provide: { exhaustive },
      // A limit for what hangs, however busy the machine is; nothing here says how fast something is.
      testTimeout: exhaustive ? 600_000 : 120_000,
      pool: "forks",
      // More than there are processors: some always wait, for a time to pass or a command to end.
      maxWorkers: availableParallelism() * 2,
      allowOnly: false,
      dangerouslyIgnoreUnhandledErrors: false,
      projects: [
        { extends: true, test: { name: "isolated", include: [...alone] } },
        {
          extends: true,
          test: { name: "shared", include: files.filter((file) => !alone.includes(file)), isolate: false },
        },
      ],
    },
  });
}

export default configFor(testFiles(), { exhaustive: false });
