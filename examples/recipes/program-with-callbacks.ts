// Runs budget.toml, which names a callback module. `npx llmproc budget.toml -p "Read all."` does the same.
import { LLMProgram } from "llmproc";

const program = LLMProgram.fromFile(new URL("budget.toml", import.meta.url));
const proc = await program.start();
const result = await proc.run("Read all.");
console.log(result.lastMessage);
console.log(result.vetoes.map(({ callback, reason }) => `${callback}: ${reason}`).join("\n"));

/* Prints:
read_file budget.toml
I could read one of the two.
KeepSecrets: secret.txt is not for models.
*/
