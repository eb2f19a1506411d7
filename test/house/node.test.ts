import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const project = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } };
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

test("the suite runs under a Node that the package supports", () => {
  const [neededMajor = 0, neededMinor = 0] = project.engines.node.replace(">=", "").split(".").map(Number);
  expect(major * 1000 + minor).toBeGreaterThanOrEqual(neededMajor * 1000 + neededMinor);
});

test("the workers run under the Node that was asked for", () => {
  expect(String(major)).toBe(process.env.EXPECTED_NODE_MAJOR ?? String(major));
});

test("`using` works, also where Node itself does not know it", () => {
  const heard: string[] = [];
  {
    using _resource = { [Symbol.dispose]: () => void heard.push("disposed") };
    heard.push("used");
  }
  expect(heard).toEqual(["used", "disposed"]);
});
