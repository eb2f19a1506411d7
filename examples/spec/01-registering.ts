// Specification, "Registering Callbacks": after the start, chained, and chained before the await.
import type { EventName } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

class MyCallbackClass {
  turn_start() {
    console.log("class: turn_start");
  }
}

function myCallbackFunction(event: EventName) {
  if (event === "turn_start" || event === "turn_end") console.log(`function: ${event}`);
}

const program = new LLMProgram({ model: scripted([{ text: "Hello." }], { repeat: true }) });

const proc = await program.start();
proc.addCallback(myCallbackFunction);
proc.addCallback(new MyCallbackClass());
await proc.run("Hi");

console.log("-- chained");
const chained = await program.start();
chained.addCallback(myCallbackFunction).addCallback(new MyCallbackClass());
await chained.run("Hi");

console.log("-- chained before the await: it hears the process start");
const early = await program.start().addCallback((event) => console.log(event));
await early.run("Hi");

console.log("-- taken off again");
chained.removeCallback(myCallbackFunction);
await chained.run("Hi");

/* Prints:
function: turn_start
class: turn_start
function: turn_end
-- chained
function: turn_start
class: turn_start
function: turn_end
-- chained before the await: it hears the process start
process_start
run_start
turn_start
api_request
response_delta
api_response
response
turn_end
run_end
-- taken off again
class: turn_start
*/
