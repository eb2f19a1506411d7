import type { Tool } from "../process/contract/tool.ts";
import { toolDescription, toolName } from "./tool-name.ts";

/**
 * The same tool under another name or with another description. (`alias` and `description` in a program file.)
 *
 * @throws LLMProcError `tool_invalid` if the alias cannot be a tool's name, or the description is empty
 */
export function renamed(tool: Tool, { alias = tool.name, description = tool.description }: Renaming): Tool {
  const name = toolName(alias);
  return Object.freeze<Tool>({ ...tool, name, description: toolDescription(name, description) });
}

/** What a tool is to be called, and described as; what is left out stays. */
export interface Renaming {
  readonly alias?: string | undefined;
  readonly description?: string | undefined;
}
