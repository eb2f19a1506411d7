// Specification, "Callback Arguments": every event with its arguments in order; the eight of the specification first.
import type {
  CallbackFault,
  ContextChange,
  JsonObject,
  JsonValue,
  ProcessView,
  Prompt,
  Retry,
  RunResult,
  ToolResult,
} from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const first = new Map<string, string>();

/** Notes the first of each event. */
function note(event: string, ...shown: readonly unknown[]): void {
  if (!first.has(event)) first.set(event, shown.map((value) => JSON.stringify(value)).join(", "));
}

class EveryEvent {
  tool_start(toolName: string, toolArgs: JsonObject) {
    note("tool_start", toolName, toolArgs);
  }
  tool_end(toolName: string, result: ToolResult) {
    note("tool_end", toolName, result);
  }
  response(text: string) {
    note("response", text);
  }
  api_request(payload: JsonObject) {
    note("api_request", Object.keys(payload));
  }
  api_response(response: JsonValue) {
    note("api_response", response);
  }
  turn_start(process: ProcessView, runResult: RunResult) {
    note("turn_start", process.name, runResult.usdCost);
  }
  turn_end(process: ProcessView, response: JsonValue | undefined, toolResults: readonly ToolResult[]) {
    note("turn_end", process.name, response !== undefined, toolResults);
  }
  stderr_write(text: string) {
    note("stderr_write", text);
  }
  run_start(process: ProcessView, prompt: Prompt) {
    note("run_start", process.name, prompt);
  }
  run_end(process: ProcessView, runResult: RunResult) {
    note("run_end", process.name, runResult.stopReason);
  }
  response_delta(text: string) {
    note("response_delta", text);
  }
  api_error(error: Error, retry: Retry | undefined) {
    note("api_error", error.message, retry?.attempt);
  }
  process_start(process: ProcessView) {
    note("process_start", process.name);
  }
  process_end(process: ProcessView) {
    note("process_end", process.name);
  }
  tool_result(toolName: string, result: ToolResult) {
    note("tool_result", toolName, result);
  }
  context_change(process: ProcessView, change: ContextChange) {
    note("context_change", process.name, change);
  }
  callback_error(fault: CallbackFault) {
    note("callback_error", fault.callback, fault.event, fault.reason, fault.error.message, fault.missed);
  }
}

const program = new LLMProgram({
  name: "sample",
  model: scripted([
    { error: { status: 529, message: "Overloaded" } },
    { toolCalls: [{ name: "write_stderr", args: { message: "half way" } }] },
    { text: "Done now." },
  ]),
  tools: ["write_stderr"],
  retry: { initialDelayMs: 1 },
});
const proc = await program.start().addCallback(new EveryEvent());
const off = proc.on("stderr_write", () => {
  throw new Error("disk full");
});
proc.on("tool_start", () => void proc.say("Be brief."));
await proc.run("Go.");
off();
await proc.close();
for (const [event, shown] of [...first].sort(([a], [b]) => a.localeCompare(b))) console.log(`${event}(${shown})`);

/* Prints:
api_error("Overloaded", 2)
api_request(["model","system","messages","tools"])
api_response({"content":[{"type":"tool_call","id":"call_2_1","name":"write_stderr","args":{"message":"half way"}}],"stopReason":"tool_use","usage":{"inputTokens":0,"outputTokens":0,"cacheReadTokens":0,"cacheWriteTokens":0}})
callback_error("callback", "stderr_write", "throw", "disk full", 0)
context_change("sample", {"kind":"said","from":3,"removed":0,"added":[{"role":"user","content":[{"type":"text","text":"Be brief."}]}]})
process_end("sample")
process_start("sample")
response("Done now.")
response_delta("Done")
run_end("sample", "end")
run_start("sample", "Go.")
stderr_write("half way")
tool_end("write_stderr", {"content":"written","isError":false})
tool_result("write_stderr", {"content":"written","isError":false})
tool_start("write_stderr", {"message":"half way"})
turn_end("sample", true, [{"content":"written","isError":false}])
turn_start("sample", 0)
*/
