import type { Message } from "llmproc";
import { LLMProcError, LLMProgram } from "llmproc";
import { scripted } from "llmproc/testing";
import { describe, expect, test } from "vitest";

/** What `start({ messages })` makes of a conversation: a test gives what no compiler has seen. */
async function startedWith(messages: unknown): Promise<readonly Message[]> {
  const program = new LLMProgram({ model: scripted([{ text: "ok" }]) });
  return (await program.start({ messages: messages as Message[] })).messages;
}

async function refusal(messages: unknown): Promise<string> {
  const thrown: unknown = await startedWith(messages).then(
    () => new Error("It started."),
    (error: unknown) => error,
  );
  if (!(thrown instanceof LLMProcError)) throw thrown;
  expect(thrown.code).toBe("conversation_invalid");
  return thrown.message;
}

const hi = { role: "user", content: [{ type: "text", text: "hi" }] };
const said = (text: string) => ({ role: "assistant", content: [{ type: "text", text }], text });
const asks = (...ids: string[]) => ({
  role: "assistant",
  content: ids.map((id) => ({ type: "tool_use", id, name: "look", input: {} })),
  text: "",
});
const answers = (...ids: string[]) => ({
  role: "tool",
  content: ids.map((callId) => ({ callId, toolName: "look", content: "seen", isError: false })),
});
const interrupted = (callId: string) => ({
  callId,
  toolName: "look",
  content: "interrupted: the run ended before this call returned",
  isError: true,
});

/** A call in each API's own form. */
const FORMS: Readonly<Record<string, object>> = {
  messages: { type: "tool_use", id: "c1", name: "look", input: {} },
  responses: { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
  chat: {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
  },
  ai_sdk: { type: "tool-call", toolCallId: "c1", toolName: "look", input: "{}" },
  plain: { type: "tool_call", id: "c1", name: "look", args: {} },
};

describe("what is merely cut is mended as interrupted", () => {
  for (const [form, block] of Object.entries(FORMS)) {
    test(`a call in the form "${form}" without its result`, async () => {
      const messages = await startedWith([hi, { role: "assistant", content: [block], text: "" }]);
      expect(messages[2]).toEqual({ role: "tool", content: [interrupted("c1")] });
    });
  }

  test("some results of a message's calls are missing, in the middle and at the end", async () => {
    const messages = await startedWith([hi, asks("a", "b", "c"), answers("b"), hi, asks("d")]);
    expect(messages).toHaveLength(6);
    expect(messages[2]).toEqual({
      role: "tool",
      content: [interrupted("a"), answers("b").content[0], interrupted("c")],
    });
    expect(messages[5]).toEqual({ role: "tool", content: [interrupted("d")] });
  });

  test("results that stand in several messages become one, in the order of their calls", async () => {
    const messages = await startedWith([hi, asks("a", "b"), answers("b"), answers("a")]);
    expect(messages).toHaveLength(3);
    expect(messages[2]).toEqual(answers("a", "b"));
  });
});

describe("what is right passes as it is", () => {
  test("none at all, and a prompt that nobody answered", async () => {
    expect(await startedWith([])).toEqual([]);
    expect(await startedWith([hi])).toEqual([hi]);
  });

  test("calls that a vendor answers itself need no result of ours", async () => {
    const content = [
      { type: "server_tool_use", id: "s1", name: "web_search", input: {} },
      { type: "web_search_tool_result", tool_use_id: "s1", content: [] },
      { type: "text", text: "Found." },
    ];
    const messages = [hi, { role: "assistant", content, text: "Found." }, hi];
    expect(await startedWith(messages)).toEqual(messages);
  });

  test("blocks that are not known here, whatever text is beside them", async () => {
    for (const text of ["", "Seven."]) {
      const messages = [hi, { role: "assistant", content: [{ type: "hologram", of: 7 }], text }];
      expect(await startedWith(messages)).toEqual(messages);
    }
  });

  test("a text that is in the blocks, whole or a part of it, with other blanks", async () => {
    const content = [
      { type: "thinking", thinking: "Hm.", signature: "s" },
      { type: "text", text: "One " },
      { type: "text", text: "two\nthree" },
    ];
    for (const text of ["One \ntwo\nthree", "One two three", "two", "", " "]) {
      const messages = [hi, { role: "assistant", content, text }];
      expect(await startedWith(messages)).toEqual(messages);
    }
  });

  test("plain texts in place of lists of blocks, and a message without its text", async () => {
    const messages = await startedWith([
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "more" },
      {
        role: "assistant",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ]);
    expect(messages[0]).toEqual(hi);
    expect(messages[1]).toEqual({ role: "assistant", content: [], text: "hello" });
    expect(messages[3]).toMatchObject({ text: "a\nb" });
  });
});

/** The arguments of a call in each form, and how they stand there when a vendor takes them. */
const ARGUMENTS: Readonly<Record<string, { of(args: unknown): object; taken: (args: string) => unknown }>> = {
  messages: { of: (input) => ({ ...FORMS.messages, input }), taken: (json) => JSON.parse(json) as unknown },
  responses: { of: (args) => ({ ...FORMS.responses, arguments: args }), taken: (json) => json },
  chat: {
    of: (args) => ({
      ...FORMS.chat,
      tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: args } }],
    }),
    taken: (json) => json,
  },
  plain: { of: (args) => ({ ...FORMS.plain, args }), taken: (json) => JSON.parse(json) as unknown },
};

describe("arguments of calls that came from elsewhere are as a vendor takes them, or refused by their place", () => {
  for (const [form, { of, taken }] of Object.entries(ARGUMENTS)) {
    test(form, async () => {
      const asksWith = (args: unknown) => [hi, { role: "assistant", content: [of(args)], text: "" }];
      const right: readonly (readonly [unknown, string])[] = [
        [null, "{}"],
        [undefined, "{}"],
        ["", "{}"],
        [" ", "{}"],
        [[], "{}"],
        [{ at: 7 }, '{"at":7}'],
        ['{"at":7}', '{"at":7}'],
        [JSON.stringify('{"at":7}'), '{"at":7}'],
      ];
      for (const [given, json] of right) {
        const [, said] = await startedWith(asksWith(given));
        expect.soft(said).toMatchObject({ content: [of(taken(json))] });
      }
      for (const given of ["Rome", '{"at":', 7, true, [1], "7", '"Rome"']) {
        expect
          .soft(await refusal(asksWith(given)))
          .toMatch(/^messages\[1\]\.content\[0\]\.[\w.[\]]+ must be a JSON object, or the text of one, not /);
      }
    });
  }

  test("digits stay as they were in a text, also where it becomes an object", async () => {
    const [, said] = await startedWith([hi, { role: "assistant", content: [ARGUMENTS.messages?.of('{"n":1e400}')] }]);
    expect(JSON.stringify(said)).toContain('"input":{"n":1e400}');
  });
});

const ENDLESS: Record<string, unknown> = { role: "user" };
ENDLESS.content = [ENDLESS];

let deep: unknown = 1;
for (let depth = 0; depth < 100_000; depth++) deep = [deep];
const DEEP = { role: "user", content: deep };

const REFUSED: readonly (readonly [name: string, messages: unknown, message: RegExp])[] = [
  ["no list", "hello", /^messages must be a list of messages, .*not hello\.$/],
  ["no object", [hi, null], /^messages\[1\] must be an object .*not null\.$/],
  ["another role", [{ role: "system", content: "Be kind." }], /^messages\[0\]\.role is system\. .*system prompt\.$/],
  ["no prompt at the beginning", [said("hello")], /^messages\[0\] is the model's\..*begins with a prompt/],
  ["a result at the beginning", [answers("a")], /^messages\[0\]\.content\[0\] answers the call a, which/],
  ["a result of another call", [hi, asks("a"), answers("b")], /^messages\[2\]\.content\[0\] answers the call b, which/],
  [
    "a result that comes late",
    [hi, asks("a"), hi, answers("a")],
    /^messages\[3\]\.content\[0\] answers the call a, which/,
  ],
  [
    "a call that is answered twice",
    [hi, asks("a"), answers("a", "a")],
    /^messages\[2\]\.content\[1\] .*second time\.$/,
  ],
  ["two calls with one id", [hi, asks("a", "a")], /^messages\[1\]\.content\[1\] has the id of another call, a\.$/],
  ["an empty prompt", [{ role: "user", content: [] }], /^messages\[0\]\.content must be .*not empty/],
  [
    "a block of no kind",
    [{ role: "user", content: [{ type: "sound" }] }],
    /^messages\[0\]\.content\[0\] has the type sound\./,
  ],
  [
    "an image without data",
    [{ role: "user", content: [{ type: "image", mediaType: "image/png" }] }],
    /^messages\[0\]\.content\[0\] \(image\) needs "data"/,
  ],
  [
    "content that is no list",
    [hi, { role: "assistant", content: { a: 1 }, text: "" }],
    /^messages\[1\]\.content must be the list of blocks/,
  ],
  [
    "a block without a type",
    [hi, { role: "assistant", content: [{ text: "x" }], text: "" }],
    /^messages\[1\]\.content\[0\] needs a "type"\.$/,
  ],
  [
    "a block that is no object",
    [hi, { role: "assistant", content: ["x"], text: "" }],
    /^messages\[1\]\.content\[0\] must be an object\.$/,
  ],
  [
    "a text that is none",
    [hi, { role: "assistant", content: [{ type: "text", text: 7 }], text: "" }],
    /^messages\[1\]\.content\[0\] has a text that is no string\.$/,
  ],
  ...[
    [{ type: "text", text: "Yes." }],
    [{ type: "thinking", thinking: "No.", signature: "s" }],
    [{ type: "tool_use", id: "c1", name: "look", input: {} }],
    [{ type: "server_tool_use", id: "s1", name: "web_search", input: {} }],
    [{ role: "assistant", content: null, tool_calls: [] }],
    [{ type: "message", role: "assistant", content: [] }],
    "Yes.",
  ].map((content) => {
    const message = /^messages\[1\]\.text is No\., which messages\[1\]\.content does not say, .*take it out\.$/;
    return ["a text that is in no block", [hi, { role: "assistant", content, text: "No." }], message] as const;
  }),
  [
    "a text beside a text that is no text",
    [hi, { role: "assistant", content: "Yes.", text: 7 }],
    /^messages\[1\]\.text must be a string, not 7\.$/,
  ],
  [
    "a call without an id",
    [hi, { role: "assistant", content: [{ type: "tool_use", name: "look", input: {} }], text: "" }],
    /^messages\[1\]\.content\[0\] is a tool call without an id\.$/,
  ],
  [
    "a call without a name",
    [hi, { role: "assistant", content: [{ type: "function_call", call_id: "c", arguments: "{}" }], text: "" }],
    /is a tool call without a name\.$/,
  ],
  [
    "a result that is no text",
    [hi, asks("a"), { role: "tool", content: [{ callId: "a", content: { x: 1 } }] }],
    /^messages\[2\]\.content\[0\]\.content must be a string/,
  ],
  [
    "results that are no list",
    [hi, asks("a"), { role: "tool", tool_call_id: "a", content: "seen" }],
    /^messages\[2\]\.content must be a list of results, not seen\.$/,
  ],
  ["an endless message", [ENDLESS], /^messages cannot be written as JSON: .*circular/],
  ["a message nested too deep", [DEEP], /^messages cannot be written as JSON: they are nested too deep\.$/],
];

describe("what no provider takes is refused by its place", () => {
  for (const [name, messages, message] of REFUSED) {
    test(name, async () => expect(await refusal(messages)).toMatch(message));
  }
});

test("what was given stays the caller's, and a refused start leaves nothing behind", async () => {
  const given = [hi, asks("a")];
  const before = structuredClone(given);
  const messages = await startedWith(given);
  expect(given).toEqual(before);
  expect(Object.isFrozen(given[0])).toBe(false);
  expect(messages[1]).not.toBe(given[1]);
});
