import type { JsonObject } from "llmproc";
import { LLMProgram } from "llmproc";
import { expect, test } from "vitest";
import { KINDS, kindNamed, weather } from "./kinds.ts";

const CALLS = [
  { id: "call00001", name: "weather", args: { city: "Oslo" } },
  { id: "call00002", name: "weather", args: { city: "Zürich" } },
];

test.each(Object.keys(KINDS))(
  "what is said while tools run stands behind their results, as %s takes it",
  async (name) => {
    const { kind, problems } = kindNamed(name);
    await using opened = await kind.open([
      { text: "I look.", toolCalls: CALLS },
      { text: "It rains." },
      { text: "Both." },
    ]);
    const proc = await new LLMProgram({ model: opened.model, tools: [weather] }).start();
    proc.on("tool_start", (_name, _args, { callId }) => {
      if (callId === "call00001") void proc.say("In one line.");
    });
    proc.on("response", (text) => {
      if (text === "It rains.") void proc.say("Which of them?");
    });
    const result = await proc.run("What is the weather?");
    const bodies = (opened.bodies?.() ?? []).map((body) => JSON.parse(body) as JsonObject);
    for (const body of bodies) expect(problems(body)).toEqual([]);
    const place = (text: string) => JSON.stringify(bodies[1]).lastIndexOf(text);
    expect(place("Zürich: rain")).toBeGreaterThan(0);
    expect(place("In one line.")).toBeGreaterThan(place("Zürich: rain"));
    expect(JSON.stringify(bodies[2])).toContain("Which of them?");
    expect(result.lastMessage).toBe("Both.");
  },
);
