// The callback module of budget.toml: what it exports by default is registered with each process of the program.
import type { JsonObject } from "llmproc";
import { Veto } from "llmproc";

export default class KeepSecrets {
  tool_start(toolName: string, toolArgs: JsonObject) {
    const path = toolArgs.file_path;
    if (typeof path === "string" && path.includes("secret")) throw new Veto(`${path} is not for models.`);
    console.log(toolName, path);
  }
}
