import type { Tool } from "../process/contract/tool.ts";
import { tool } from "./tool.ts";

/** The tool `write_stderr`: adds a line to the process's stderr log and raises `stderr_write`. */
export const writeStderr: Tool = tool({
  name: "write_stderr",
  description:
    "Writes a message to the error log of this process, for the people who watch it: progress, warnings, notes. " +
    "The message is no part of the answer.",
  parameters: {
    type: "object",
    properties: { message: { type: "string", minLength: 1, description: "The text to write." } },
    required: ["message"],
    additionalProperties: false,
  },
  execute({ message }, { process }) {
    process.writeStderr(message);
    return "written";
  },
});
