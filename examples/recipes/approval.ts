// A person must approve each call of a tool. Left to itself, approval() asks on the terminal; here a script plays both.
import { PassThrough } from "node:stream";
import { approval, LLMProgram, tool } from "llmproc";
import { scripted } from "llmproc/testing";

const send = tool({
  name: "send",
  description: "Sends a message.",
  parameters: { type: "object", properties: { to: { type: "string" }, text: { type: "string" } } },
  execute: ({ to }) => `sent to ${to}`,
});
const program = new LLMProgram({
  name: "office",
  model: scripted([
    {
      toolCalls: [
        { name: "send", args: { to: "Ann", text: "Lunch?" } },
        { name: "send", args: { to: "everybody", text: "Dear all,\nthe coffee is gone." } },
      ],
    },
    { text: "Ann has my message. The others shall not be disturbed." },
  ]),
  tools: [send],
  approval: ["send"],
});

const answers = ["y", "n not to all of them"];
const input = Object.assign(new PassThrough(), { isTTY: true });
const output = {
  isTTY: true,
  columns: 80,
  write(text: string) {
    process.stdout.write(text);
    if (!text.endsWith("> ")) return;
    const line = `${answers.shift()}\n`;
    process.stdout.write(line); // a terminal shows what is typed
    input.write(line);
  },
};

const proc = await program.start({ approval: approval({ tools: program.approval, input, output, color: false }) });
proc.on("tool_end", (_toolName, result) => console.log(`the model reads: ${result.content}`));
console.log((await proc.run("Tell them.")).lastMessage);

/* Prints:
? send  for office · depth 0 · process …
  │ to: Ann
  │ text: Lunch?
  y yes · n no · s stop the run
  a yes, and to every send of this process tree
  Run it? > y
the model reads: sent to Ann
? send  for office · depth 0 · process …
  │ to: everybody
  │ text:
  │   Dear all,
  │   the coffee is gone.
  y yes · n no · s stop the run
  a yes, and to every send of this process tree
  Run it? > n not to all of them
the model reads: The user said no: not to all of them
Ann has my message. The others shall not be disturbed.
*/
