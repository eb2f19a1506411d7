import { cpSync, readdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const LEFT_OUT = /^(\.git|node_modules|dist|coverage|shared|\.docs-code-.*|.*\.tgz)$/;

/** Copies the project as it stands, uncommitted changes in it; the installed packages are linked. */
export function copyTree(from: string, to: string): void {
  for (const entry of readdirSync(from).filter((name) => !LEFT_OUT.test(name))) {
    cpSync(join(from, entry), join(to, entry), { recursive: true });
  }
  symlinkSync(resolve(from, "node_modules"), join(to, "node_modules"));
}
