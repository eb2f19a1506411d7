// The callbacks of demo.toml. A handler of `tool_start` is asked before each call of the process and of its children.
import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { answer, replaceArgs, Veto } from "llmproc";

/** Refuses a call: the tool does not run, and the model is told why. */
const noSecrets = {
  callbackOptions: { name: "no-secrets" },

  /** @param {string} toolName @param {{ file_path?: string }} toolArgs */
  tool_start(toolName, { file_path = "" }) {
    if (toolName === "read_file" && basename(file_path).toLowerCase().startsWith(".env")) {
      throw new Veto("Files with secrets stay closed.");
    }
  },
};

/** Changes a call, or answers in the tool's place: the script cannot know which files are in your folder. */
const anyText = {
  callbackOptions: { name: "any-text" },

  /** @param {string} toolName @param {{ file_path?: string }} toolArgs */
  tool_start(toolName, { file_path = "" }) {
    if (toolName !== "read_file" || file_path !== "README.md" || existsSync(file_path)) return undefined;
    const file = readdirSync(".").find((name) => /^[^.].*\.(md|txt|json|toml|ya?ml|[cm]?[jt]s|py)$/i.test(name));
    return file === undefined ? answer("There is no text file in this folder.") : replaceArgs({ file_path: file });
  },
};

export default [noSecrets, anyText];
