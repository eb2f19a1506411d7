import { expect, test } from "vitest";
import { measured } from "../load/measured.ts";
import { sampleOf } from "../support/sample.ts";

interface Measured {
  /** Characters of the conversation's results. */
  readonly content: number;
  /** What the value took, and what all that was done with it took beside it. MiB. */
  readonly value: number;
  readonly growth: number;
  /** The heap afterwards. MiB. */
  readonly left: number;
}

const SCRIPT = new URL("./large-result.ts", import.meta.url);

// Measured: 0 to 22 MiB beside values of 50 to 170; a copy of the value, or of its JSON, is 33 or more.
test.each(sampleOf(["objects", "text_in_object", "bytes", "map", "text"], 2))(
  "cutting a large value takes little memory, and keeps nothing of it: %s",
  async (name) => {
    const { content, value, growth, left } = await measured<Measured>(SCRIPT, { args: [name] });
    expect(value).toBeGreaterThan(45);
    expect(content).toBeGreaterThan(90_000);
    expect(growth).toBeLessThan(value / 2);
    expect(left).toBeLessThan(25);
  },
);

// The heap may not be larger than three times the value, what Node itself takes in it: beyond that, Node ends.
test.each(sampleOf(["text_in_object", "text"], 1))(
  "where a tool reads on, a large value and all that is kept take three times its size at most: %s",
  async (name) => {
    const { value, left } = await measured<Measured>(SCRIPT, {
      args: [name, "keep"],
      flags: ["--max-old-space-size=150"],
    });
    expect(value).toBeGreaterThan(45);
    expect(left).toBeGreaterThan(35);
  },
);
