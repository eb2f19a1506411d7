import { pathToFileURL } from "node:url";
import { inject } from "vitest";

/** The URL of a module of the package as the tests built it: `index.js`, for scripts in a Node of their own. */
export function bundled(name: string): string {
  return pathToFileURL(`${inject("bundle")}/dist/${name}`).href;
}
