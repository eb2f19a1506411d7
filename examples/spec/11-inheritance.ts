// Specification, "Callback Inheritance": children hear what their parents' callbacks are registered for.
import type { EventInfo } from "llmproc";
import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";

const program = new LLMProgram({ model: scripted([{ text: "Done." }], { repeat: true }) });

function hears(name: string) {
  return { response: (_text: string, { process }: EventInfo) => console.log(`${name} hears ${process.name}`) };
}

const parent = await program.start({ name: "parent" });
parent.addCallback(hears("inherited"));
parent.addCallback(hears("own"), { inherit: false });

const child = await parent.forkProcess({ name: "child" });
child.addCallback(hears("child's"));
const late = hears("late");
parent.addCallback(late); // after the fork: inheritance is live

await parent.run("Hi");
console.log("--");
await child.run("Hi");

console.log("-- muted in the child");
child.removeCallback(late);
await child.run("Hi");
console.log(`${child.id === `${parent.id}.1`} ${child.parentId === parent.id}`);
await parent.close();

/* Prints:
inherited hears parent
own hears parent
late hears parent
--
inherited hears child
late hears child
child's hears child
-- muted in the child
inherited hears child
child's hears child
true true
*/
