// Trying a guard before it decides: it says what it would have done, and the run goes on as without it.
import { answer, costLimit, LLMProgram, shadow, Veto } from "llmproc";
import { scripted } from "llmproc/testing";

const usage = { inputTokens: 1000, outputTokens: 1000 };
const program = new LLMProgram({
  model: scripted([
    { toolCalls: [{ name: "read_file", args: { file_path: "package.json" } }], usage },
    { toolCalls: [{ name: "read_file", args: { file_path: ".env" } }], usage },
    { toolCalls: [{ name: "calculator", args: { expression: "2 + 2" } }], usage },
    { text: "Done.", usage },
  ]),
  tools: ["read_file", "calculator"],
  pricing: { inputUsdPerMillion: 3, outputUsdPerMillion: 15 },
});

class Strict {
  tool_start(toolName: string, toolArgs: { readonly file_path?: unknown }) {
    if (toolArgs.file_path === ".env") throw new Veto("Files with secrets stay closed.");
    return toolName === "calculator" ? answer("4") : undefined;
  }
}

const strict = shadow(new Strict());
const proc = await program
  .start()
  .addCallback(strict)
  .addCallback(shadow(costLimit(0.05)));
// Other callbacks hear each report as it comes, as a fault; consoleLog() shows it.
proc.on("callback_error", ({ callback, error }) => console.log(`${callback}: ${error.message}`));

const result = await proc.run("Look around.");
console.log(result.lastMessage, result.vetoes.length, "vetoes");
for (const { verdict, toolName, turn } of strict.reports) console.log(`turn ${turn}: ${verdict.would} ${toolName}`);

/* Prints:
shadow of Strict: would have denied read_file: Files with secrets stay closed.
shadow of Strict: would have answered in place of calculator
shadow of costLimit: would have ended the run before this turn: Run cost $0.0540, over its limit of $0.05. Raise the limit, or catch this and go on.
Done. 0 vetoes
turn 2: deny read_file
turn 3: answer calculator
*/
