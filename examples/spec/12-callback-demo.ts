// The complete demonstration: a timing callback that tells what happens, and a table at the end.
//   node 12-callback-demo.ts [program.toml] [prompt …]     without a prompt, it is asked for, or read from a pipe

import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { EventInfo, ToolResult } from "llmproc";
import { LLMProgram } from "llmproc";

class TimingCallback {
  readonly tools = new Map<string, { count: number; totalMs: number }>();

  tool_start(toolName: string) {
    console.error(`Tool started: ${toolName}`);
  }

  tool_end(toolName: string, _result: ToolResult, { durationMs = 0 }: EventInfo) {
    const { count, totalMs } = this.tools.get(toolName) ?? { count: 0, totalMs: 0 };
    this.tools.set(toolName, { count: count + 1, totalMs: totalMs + durationMs });
    console.error(`Tool completed: ${toolName} (${seconds(durationMs)})`);
  }

  response(text: string) {
    console.error(`Response: ${text.length > 50 ? `${text.slice(0, 50)}...` : text}`);
  }
}

async function main(): Promise<void> {
  const [path = fileURLToPath(new URL("callback-demo.toml", import.meta.url)), ...words] = process.argv.slice(2);
  console.log(`Using configuration: ${path.split("/").at(-1)}`);

  const timer = new TimingCallback();
  const proc = await LLMProgram.fromFile(path).start().addCallback(timer);
  const prompt = words.length > 0 ? words.join(" ") : await askForPrompt();
  const result = await proc.run(prompt.trim() || "Show what you can do.");
  await proc.close();

  console.log(`\nRun completed in ${seconds(result.durationMs)}`);
  console.log(`Assistant> ${result.lastMessage}`);
  if (timer.tools.size > 0) console.log("\nTool statistics:");
  for (const [name, { count, totalMs }] of timer.tools) {
    console.log(`  ${name}: ${count} calls, ${seconds(totalMs / count)} avg`);
  }
}

async function askForPrompt(): Promise<string> {
  if (!process.stdin.isTTY) return await text(process.stdin);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question("You> ");
  } finally {
    terminal.close();
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)}s`;
}

try {
  await main();
} catch (error) {
  console.log(`Error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/* Prints:
Using configuration: callback-demo.toml

Run completed in …s
Assistant> There are some files, 6 * 7 is 42, and 2 ^ 10 is 1024.

Tool statistics:
  …: … calls, …s avg
  …: … calls, …s avg
*/
