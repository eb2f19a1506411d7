import { expect, test } from "vitest";
import type { ScriptedStep } from "../../src/models/script.ts";
import { scripted } from "../../src/models/scripted.ts";
import type { StartOptions } from "../../src/program/llm-program.ts";
import { LLMProgram } from "../../src/program/llm-program.ts";

const busy = { error: { status: 529, message: "busy" } };

/** What each `api_error` announced: of how many attempts, or none any more. */
function announced() {
  const told: (number | undefined)[] = [];
  return {
    told,
    callback: { api_error: (_: unknown, retry?: { maxAttempts: number }) => void told.push(retry?.maxAttempts) },
  };
}

test("a process that is started with retry sends again as it says, each key in place of the program's", async () => {
  const { told, callback } = announced();
  const program = new LLMProgram({
    model: scripted([busy], { repeat: true }),
    retry: { maxAttempts: 9, initialDelayMs: 0, maxDelayMs: 0 },
  });
  const proc = await program.start({ retry: { maxAttempts: 3 }, callbacks: [callback] });
  await expect(proc.run("Hi")).rejects.toThrow("Given up after 3 attempts");
  expect(told).toEqual([3, 3, undefined]);
});

test("another process of the program sends again as the program says", async () => {
  const { told, callback } = announced();
  const program = new LLMProgram({
    model: scripted([busy], { repeat: true }),
    retry: { maxAttempts: 2, initialDelayMs: 0 },
  });
  await program.start({ retry: { maxAttempts: 1 } });
  const proc = await program.start({ callbacks: [callback] });
  await expect(proc.run("Hi")).rejects.toThrow("Given up after 2 attempts");
  expect([told, program.retry.maxAttempts]).toEqual([[2, undefined], 2]);
});

test("its forks do as well, whoever makes them, and what it spawns", async () => {
  const { told, callback } = announced();
  const calls = [
    { name: "fork", args: { prompts: ["a"] } },
    { name: "spawn", args: { program_name: "expert", prompt: "b" } },
  ];
  const root: ScriptedStep[] = [{ toolCalls: calls }, { text: "done" }];
  const expert = new LLMProgram({ model: scripted([busy], { repeat: true }), retry: { initialDelayMs: 0 } });
  const program = new LLMProgram({
    model: scripted({ root, child: [busy, busy] }),
    tools: ["fork", "spawn"],
    linkedPrograms: { expert },
    retry: { initialDelayMs: 0 },
  });
  const proc = await program.start({ retry: { maxAttempts: 1 }, callbacks: [callback] });
  await proc.run("Hi");
  const child = await proc.forkProcess();
  await expect(child.run("Hi")).rejects.toThrow("busy");
  expect(told).toEqual([undefined, undefined, undefined]);
});

const WRONG: readonly [retry: unknown, said: string][] = [
  [{ maxAttempts: 0 }, "retry.maxAttempts: found the number 0, expected a whole number, at least 1."],
  [
    { initialDelayMs: "1s" },
    'retry.initialDelayMs: found the text "1s", expected a whole number from 0 to 2147483647.',
  ],
  [
    { deadlineMs: Infinity },
    "retry.deadlineMs: found the number Infinity, expected a whole number from 1 to 2147483647.",
  ],
  [{ max_attempts: 2 }, 'retry.max_attempts is not a known key. Did you mean "maxAttempts"?'],
  [3, "retry: found the number 3, expected a table."],
  [[], "retry: found an empty list, expected a table."],
  [
    {
      get maxAttempts() {
        throw new Error("not now");
      },
    },
    "retry cannot be read: not now",
  ],
];

for (const [retry, said] of WRONG) {
  test(`start() refuses what cannot be a retry: ${said}`, () => {
    const program = new LLMProgram({ model: scripted([]) });
    let thrown: unknown;
    try {
      // What JavaScript callers may pass is wider than the types say.
      program.start({ retry } as StartOptions);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "run_invalid", message: said });
  });
}
