import type { EventRecord, JsonObject } from "llmproc";
import { LLMProgram } from "llmproc";
import { describe, expect, test } from "vitest";
import type { Format } from "../process/formats.ts";
import { chat, messages, responses } from "../process/formats.ts";
import { rejection } from "./conformance.ts";

// What this package adds to a request by itself, and a server does not take, is left out of the next one.

interface Refusal {
  readonly format: Format;
  readonly key: string;
  readonly status: number;
  readonly said: unknown;
  readonly parameters?: JsonObject;
}

const invalid = (message: string, param?: string | null) => ({
  error: { message, type: "invalid_request_error", param },
});

const REFUSALS: readonly Refusal[] = [
  {
    format: chat,
    key: "stream_options",
    status: 400,
    said: invalid("Unknown parameter: 'stream_options'.", "stream_options"),
  },
  { format: chat, key: "stream_options", status: 400, said: { detail: "stream_options is not supported" } },
  {
    format: chat,
    key: "stream_options",
    status: 422,
    said: {
      object: "error",
      message: {
        detail: [{ loc: ["body", "stream_options", "include_usage"], msg: "Extra inputs are not permitted" }],
      },
    },
  },
  {
    format: chat,
    key: "stream",
    status: 400,
    said: invalid("Unsupported value: 'stream' does not support true with this model.", "stream"),
  },
  {
    format: messages,
    key: "cache_control",
    status: 400,
    said: {
      type: "error",
      error: { type: "invalid_request_error", message: "cache_control: Extra inputs are not permitted" },
    },
  },
  {
    format: messages,
    key: "cache_control",
    status: 400,
    said: invalid("A maximum of 4 blocks with cache_control may be provided. Found 5.", null),
  },
  {
    format: responses,
    key: "include",
    status: 400,
    said: invalid("Unknown include", "include"),
    parameters: { store: false },
  },
  { format: responses, key: "stream", status: 400, said: invalid('"stream" is not allowed here') },
];

/** Runs twice, where each request that has the key is refused. */
async function runsOf({ format, key, status, said, parameters = {} }: Refusal, maxAttempts = 4) {
  await using server = await format.serve(({ body }) =>
    key in body ? { status, raw: JSON.stringify(said) } : { message: format.toScript({ text: "done" }) },
  );
  const model = format.model(server.url);
  const program = new LLMProgram({ model, parameters, retry: { maxAttempts, initialDelayMs: 0 } });
  const proc = await program.start();
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  const outcome = () => proc.run("go").then(({ lastMessage }) => lastMessage, String);
  const outcomes = [await outcome(), await outcome()];
  await proc.close();
  const errors = records.flatMap((record) => (record.event === "api_error" ? [record] : []));
  return { outcomes, errors, sent: server.requests.map(({ body }) => key in body) };
}

test.each(REFUSALS)(
  "$format.name: $key is left out once it was refused, and each attempt is seen ($said)",
  async (refusal) => {
    const { outcomes, errors, sent } = await runsOf(refusal);
    expect(outcomes).toEqual(["done", "done"]);
    expect(sent).toEqual([true, false, false]);
    expect(errors).toHaveLength(1);
    expect(errors[0]?.error.message).toContain(`From now on "${refusal.key}", which you have not set, is left out.`);
    expect(errors[0]?.retry).toMatchObject({ attempt: 2 });
  },
);

test("one that the program has set itself stays, and its refusal is final", async () => {
  const [refusal] = REFUSALS;
  if (refusal === undefined) throw new Error("There is none.");
  const { outcomes, sent } = await runsOf({ ...refusal, parameters: { stream_options: { include_usage: true } } });
  expect(outcomes).toEqual([expect.stringContaining("answered 400"), expect.stringContaining("answered 400")]);
  expect(sent).toEqual([true, true]);
});

test("where no other attempt is allowed, the next run goes without it", async () => {
  const [refusal] = REFUSALS;
  if (refusal === undefined) throw new Error("There is none.");
  const { outcomes, sent } = await runsOf(refusal, 1);
  expect(outcomes).toEqual([expect.stringContaining("is left out"), "done"]);
  expect(sent).toEqual([true, false]);
});

describe("a refusal that speaks of something else is final", () => {
  test.each([
    "The stream of tokens is too long.",
    "max_tokens is too large for stream requests.",
    "Please include a message.",
    'Bad request: {"model":"m","messages":[]}',
  ])("%s", async (message) => {
    for (const format of [messages, chat, responses]) {
      await using server = await format.serve(() => ({ status: 400, raw: JSON.stringify(invalid(message)) }));
      const proc = await new LLMProgram({ model: format.model(server.url), parameters: { store: false } }).start();
      await rejection(proc.run("go"));
      await proc.close();
      expect(server.requests).toHaveLength(1);
    }
  });
});
