/** The tools that come with the package, in the order of the documentation. What each of them is stands in `built-in-tools.ts`. */
export const BUILT_IN_TOOL_NAMES = Object.freeze([
  "calculator",
  "read_file",
  "list_dir",
  "write_stderr",
  "fork",
  "spawn",
  "budget",
] as const);

/** The name of a tool that comes with the package. */
export type BuiltInToolName = (typeof BUILT_IN_TOOL_NAMES)[number];
