import { expect, test } from "vitest";
import { costText, shortCostText } from "../../src/callbacks/console/cost-text.ts";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { tool } from "../../src/tools/tool.ts";
import { failureOf, programOf, TEN_CENTS } from "./program.ts";
import { screen } from "./screen.ts";

const LIMITED = { parameters: { max_tokens: 100 }, limits: { usd: 0.45 } };
const again = { toolCalls: [{ name: "echo", args: { text: "a" } }], usage: TEN_CENTS };

test("under a limit, the lines of a pipe say when most of it is used, and of how much the run cost what it cost", async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => void written.push(text) };
  const script = [again, again, again, again, { text: "never said" }];
  const proc = await programOf(script, LIMITED).start().addCallback(consoleLog({ stream }));
  const error = await failureOf(proc.run("go"));
  expect(error.message).toMatch(
    /^The next request can come to \$0\.1\d{3}, .* only \$0\.0500 left \(spent: \$0\.4000\)\./,
  );
  const lines = written.join("").split("\n");
  expect(lines).toContain(`stderr: 88 % of the cost limit of process ${proc.id} is used: $0.4000 of $0.4500.`);
  expect(lines).toContain("  cost    $0.4000 of $0.45");
  expect(lines).toContainEqual(expect.stringMatching(/^✗ demo {2}cost limit reached/));
});

test("on a terminal, the live line has the total and its limit", async () => {
  const stream = screen({ columns: 120 });
  const { promise, resolve } = Promise.withResolvers<string>();
  const hold = tool({ name: "hold", description: "Waits.", parameters: { type: "object" }, execute: () => promise });
  const holding = { ...again, toolCalls: [{ name: "hold" }] };
  const limits = { usd: 1, tokens: 500_000 };
  const proc = await programOf([holding, { text: "ok", usage: TEN_CENTS }], { ...LIMITED, limits, tools: [hold] })
    .start()
    .addCallback(consoleLog({ stream }));
  const run = proc.run("go");
  await expect
    .poll(() => stream.text())
    .toMatch(/▶ demo {2}turn 1 · \$0\.1000 of \$1\.00 · 100\.0k tokens in, 0 out · 100\.0k of 500\.0k tokens/);
  resolve("open");
  await run;
  const lines = await stream.lines();
  expect(lines).toContain("  cost    $0.2000 of $1.00");
  expect(lines).toContain("  tokens  200,000 in · 0 out · 200,000 of 500,000 spent");
});

test("a fork says at its start what it inherits", async () => {
  const written: string[] = [];
  const stream = { write: (text: string) => void written.push(text) };
  const root = [{ toolCalls: [{ name: "fork", args: { prompts: ["a"] } }], usage: TEN_CENTS }, { text: "ok" }];
  const proc = await programOf({ root, child: [{ text: "part" }] })
    .start()
    .addCallback(consoleLog({ stream }));
  await proc.run("go");
  expect(written).toContain("[demo.1] started, inherits 100.0k tokens\n");
});

test("no doubt about a cost is left out", () => {
  const nothing = { usdCost: 0.42, usdUncertain: 0, usdReported: 0, unpriced: [], flags: [] };
  const flag = (reason: "broken_off" | "no_usage" | "no_price", requests = 1) => ({ reason, model: "m", requests });
  const limit = { limit: 1, spent: 0.42, reserved: 0, left: 0.58, warned: false };
  expect(costText(nothing)).toBe("$0.4200");
  expect(costText(nothing, limit)).toBe("$0.4200 of $1.00");
  expect(costText(nothing, { ...limit, limit: 0.125, spent: 0.1 })).toBe("$0.4200 ($0.1000 of $0.1250 spent)");
  const broken = { ...nothing, usdUncertain: 0.03, flags: [flag("broken_off", 2)] };
  expect(costText(broken)).toBe("$0.4200 · up to $0.0300 more: 2 requests broke off");
  expect(shortCostText(broken)).toBe("$0.4200 + up to $0.0300");
  const silent = { ...nothing, usdUncertain: 0.03, flags: [flag("no_usage")] };
  expect(costText(silent)).toBe("$0.4200 · up to $0.0300 more: 1 reply without usage");
  expect(costText({ ...nothing, usdReported: 0.42 })).toBe("$0.4200 · as the provider says");
  expect(costText({ ...nothing, usdReported: 0.4 })).toBe("$0.4200 · $0.4000 of it as the provider says");
  const unpriced = { ...nothing, unpriced: ["m"], flags: [flag("no_price"), flag("broken_off")] };
  expect(costText(unpriced)).toBe("$0.4200 and an unknown part: no price for m, requests broke off with m");
  expect(costText({ ...unpriced, usdCost: 0 })).toBe("unknown: no price for m, requests broke off with m");
  expect(shortCostText({ ...unpriced, usdCost: 0 })).toBe("cost unknown");
});
