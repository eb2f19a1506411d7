import { expect, test } from "vitest";
import { runTool, TSC } from "./run-tool.ts";

test("callbacks of every form have the documented types, and slips do not compile", async () => {
  expect(await runTool(TSC, "-p", "test/types")).toEqual({ exitCode: 0, output: "" });
});
