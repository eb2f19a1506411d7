import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test, vi } from "vitest";

test("a run that is over leaves no timer behind, not even one that would hold nothing", async () => {
  const made = vi.spyOn(globalThis, "setTimeout");
  const cleared = vi.spyOn(globalThis, "clearTimeout");
  try {
    const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
    proc.addCallback({
      async response() {
        await null;
      },
    });
    await proc.run("go");
    const timers = made.mock.results.map(({ value }) => value);
    expect(timers).toHaveLength(1);
    expect(cleared.mock.calls.flat()).toEqual(expect.arrayContaining(timers));
  } finally {
    vi.restoreAllMocks();
  }
});
