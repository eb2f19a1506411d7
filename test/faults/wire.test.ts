import { anthropic, LLMProgram, tool } from "llmproc";
import { expect, test } from "vitest";
import { anthropicServer } from "../support/anthropic-server.ts";
import type { Form } from "./cell.ts";
import { FORMS } from "./cell.ts";
import { addVandal } from "./vandal.ts";

/** Keys that this package has never heard of, next to known ones. */
const parameters = {
  max_tokens: 512,
  temperature: 0.25,
  vendor_extension: { mode: "x", weights: [1, 2.5, { deep: [null, true] }] },
  "key with spaces": "ünïcödé",
};

const look = tool({
  name: "look",
  description: "Looks something up.",
  parameters: { type: "object", properties: { at: { type: "object" } } },
  execute: () => ({ found: [1, 2] }),
});

/** Runs a tool loop against a server on this machine, and returns the bodies that arrived. */
async function bodies(register: (proc: Awaited<ReturnType<LLMProgram["start"]>>) => void): Promise<string[]> {
  await using server = await anthropicServer([
    {
      message: {
        content: [
          { type: "thinking", thinking: "hm", signature: "c2ln" },
          { type: "text", text: "looking" },
          { type: "tool_use", id: "toolu_1", name: "look", input: { at: { place: ["here", { x: 1 }] } } },
        ],
      },
    },
    { message: { content: [{ type: "text", text: "found" }] } },
  ]);
  const model = anthropic({ name: "claude-test", apiKey: "test-key", baseURL: server.url });
  const program = new LLMProgram({ model, systemPrompt: "Look.", parameters, tools: [look] });
  const proc = await program.start();
  register(proc);
  await proc.run("Where?");
  await proc.close();
  return server.requests.map(({ raw }) => raw.toString("utf8"));
}

test("the body on the wire is the api_request payload, byte for byte", async () => {
  const payloads: string[] = [];
  const sent = await bodies((proc) => void proc.on("api_request", (payload) => payloads.push(JSON.stringify(payload))));
  expect(sent).toHaveLength(2);
  expect(sent).toEqual(payloads);
});

test("keys of the parameters that nobody here knows arrive untouched", async () => {
  const sent = await bodies(() => {});
  for (const body of sent) expect(JSON.parse(body)).toMatchObject(parameters);
});

test.each(FORMS)(
  "the body is the same without callbacks and with one (%s) that tries to change it",
  async (form: Form) => {
    const untouched = await bodies(() => {});
    let tried = 0;
    const touched = await bodies((proc) => {
      const damage = addVandal(proc, form);
      proc.on("process_end", () => {
        tried = damage.tried;
      });
    });
    expect(touched).toEqual(untouched);
    expect(tried).toBeGreaterThan(300);
  },
);
