import { spawn } from "node:child_process";
import type { Part } from "./part.ts";

/** The tests that try a fixed sample under `npm test`: here they try all that they know, whatever the number of turns. */
export const tests: Part = {
  name: "tests",
  async run({ report }) {
    const vitest = [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--root=.",
      "--config=soak/vitest.config.ts",
      "--reporter=dot",
    ];
    const child = spawn(process.execPath, vitest, { stdio: ["ignore", "pipe", "inherit"] });
    let written = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    const [counts = "no test ran"] = /^ *Tests .*$/m.exec(written) ?? [];
    report(counts.trim());
    return exitCode === 0 ? [] : [`the tests fail with all that they know:\n${written}`];
  },
};
