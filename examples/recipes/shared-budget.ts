// Four requests of one user at once, under one budget: what each may come to is set aside before it leaves.
import { Budget, LLMProgram, RunError } from "llmproc";
import { scripted } from "llmproc/testing";

const reply = { text: "Here you are.", usage: { inputTokens: 100, outputTokens: 900 } };
const program = new LLMProgram({
  model: scripted([reply], { repeat: true }),
  parameters: { max_tokens: 1000 },
  pricing: { inputUsdPerMillion: 1, outputUsdPerMillion: 1000 },
});

const budget = new Budget({ usd: 2.5, name: "Ann's budget" });
const ends = ["1", "2", "3", "4"].map(async (question) => {
  const proc = await program.start({ budget });
  try {
    return (await proc.run(question)).stopReason;
  } catch (error) {
    return error instanceof RunError ? error.stopReason : String(error);
  } finally {
    await proc.close();
  }
});
console.log((await Promise.all(ends)).join(", "));
console.log(`spent $${budget.limits.usd?.spent.toFixed(2)} of $${budget.limits.usd?.limit.toFixed(2)}`);

/* Prints:
end, end, cost_limit, cost_limit
spent $1.80 of $2.50
*/
