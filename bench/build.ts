import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the package, if there is none yet: some figures are those of what users install. */
export function build(): void {
  if (existsSync(`${root}/dist/index.js`)) return;
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "ignore" });
}
