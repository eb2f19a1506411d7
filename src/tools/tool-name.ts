import { describe, LLMProcError } from "../errors.ts";

/** What all providers take as a tool's name. */
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** The name, if it is one. @throws LLMProcError `tool_invalid` */
export function toolName(name: unknown): string {
  if (typeof name === "string" && TOOL_NAME.test(name)) return name;
  throw new LLMProcError(
    "tool_invalid",
    `A tool cannot be called ${JSON.stringify(name) ?? describe(name)}. Use 1 to 64 letters, digits, "_" or "-".`,
  );
}

/** The description, if it is one. @throws LLMProcError `tool_invalid` */
export function toolDescription(name: string, description: unknown): string {
  if (typeof description === "string" && description.trim() !== "") return description;
  throw new LLMProcError(
    "tool_invalid",
    `Tool "${name}" needs a description: a text that tells the model what it does, not ${describe(description)}.`,
  );
}
