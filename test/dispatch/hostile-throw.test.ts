import { LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { expect, test } from "vitest";

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test("a callback that throws or returns what cannot be looked at does not break the process", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }, { text: "b" }]) }).start();
  const faults: string[] = [];
  const heard: string[] = [];
  proc.addCallback({
    response() {
      throw revoked();
    },
    api_response: () => revoked(),
    turn_end: async () => {
      throw revoked();
    },
  });
  proc.on("callback_error", ({ event, error }) => faults.push(`${event}: ${error.message}`));
  proc.on("run_end", () => heard.push("run_end"));
  expect((await proc.run("one")).lastMessage).toBe("a");
  expect((await proc.run("two")).lastMessage).toBe("b");
  expect(heard).toEqual(["run_end", "run_end"]);
  expect(faults).toHaveLength(6);
});

test("a guard that throws what cannot be looked at refuses, and the run ends with an error that can", async () => {
  const proc = await new LLMProgram({ model: scripted([{ text: "a" }]) }).start();
  proc.on("turn_start", () => {
    throw revoked();
  });
  await expect(proc.run("one")).rejects.toMatchObject({ stopReason: "callback", cause: { message: /looked at/ } });
});
