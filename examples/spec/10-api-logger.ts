// Specification, "Example: API Logging Callback": request and response of each API call.
import type { JsonObject, JsonValue } from "llmproc";
import { apiLogger, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

class APILogger {
  readonly calls: { request: JsonObject; response?: JsonValue }[] = [];

  api_request(payload: JsonObject) {
    this.calls.push({ request: payload });
  }

  api_response(response: JsonValue) {
    const last = this.calls.at(-1);
    if (last) last.response = response;
  }
}

const program = new LLMProgram({
  model: scripted([{ error: { status: 529, message: "Overloaded" } }, { text: "Hello." }]),
  systemPrompt: "Greet.",
  parameters: { max_tokens: 100 },
  retry: { initialDelayMs: 1 },
});
const own = new APILogger();
const shipped = apiLogger(); // keeps retries, errors and children apart, too
const proc = await program.start().addCallback(own).addCallback(shipped);
await proc.run("Hi");

for (const { request, response } of own.calls) {
  console.log(request.system, request.max_tokens, response === undefined ? "no response" : "response");
}
for (const { turn, attempt, response, error } of shipped.calls) {
  console.log(`turn ${turn}, attempt ${attempt}: ${error?.message ?? JSON.stringify(response).slice(0, 46)}`);
}

/* Prints:
Greet. 100 no response
Greet. 100 response
turn 1, attempt 1: Overloaded
turn 1, attempt 2: {"content":[{"type":"text","text":"Hello."}],"
*/
