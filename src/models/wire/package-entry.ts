import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isJsonObject } from "../../json.ts";

/**
 * The URL of the module that `import` of a package gives in a directory; undefined if the package is not installed
 * there or above. Node itself resolves for `import` only from the file that asks, and for `require` not at all what
 * has no way in but `import`.
 */
export function packageEntry(packageName: string, directory: string): string | undefined {
  const folders = createRequire(join(directory, "package.json")).resolve.paths(packageName) ?? [];
  const root = folders
    .map((folder) => join(folder, packageName))
    .find((path) => existsSync(join(path, "package.json")));
  if (root === undefined) return undefined;
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { exports, main } = isJsonObject(manifest) ? manifest : {};
  const entry = importTarget(isJsonObject(exports) && "." in exports ? exports["."] : exports);
  return pathToFileURL(join(root, entry ?? (typeof main === "string" ? main : "index.js"))).href;
}

/** The first target whose conditions hold for an `import` in Node. */
function importTarget(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(importTarget).find((entry) => entry !== undefined);
  if (!isJsonObject(target)) return undefined;
  const fitting = Object.entries(target).filter(([condition]) => CONDITIONS.has(condition));
  return fitting.map(([, inner]) => importTarget(inner)).find((entry) => entry !== undefined);
}

const CONDITIONS = new Set(["node", "import", "module-sync", "default"]);
