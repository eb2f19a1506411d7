import type { StandardSchemaV1 } from "@standard-schema/spec";

/** A schema that costs nothing, so that what is measured is the loop and not a validator. */
const parameters = {
  "~standard": {
    version: 1,
    vendor: "bench",
    validate: (value: unknown) => ({ value: value as { a: number; b: number } }),
    jsonSchema: { input: () => ({ type: "object" }), output: () => ({ type: "object" }) },
  },
} as StandardSchemaV1<{ a: number; b: number }>;

/** A tool that adds two numbers, by hand or in a process. */
export const freeAdd = {
  name: "add",
  description: "Adds two numbers.",
  parameters,
  execute: ({ a, b }: { a: number; b: number }) => a + b,
};
