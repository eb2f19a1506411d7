import type { JsonObject } from "../../../src/json.ts";
import type { Oddity, OddReply, Outcome } from "../servers-really.ts";
import { asItIs } from "../servers-really.ts";
import {
  asked,
  blockStart,
  blockStop,
  callBlock,
  callPiece,
  chat,
  chatWhole,
  chunk,
  completed,
  messages,
  messageWhole,
  response,
} from "./events.ts";

/** Arguments in a JSON text, in every place where a format has one. */
function inText(json: string, outcome: Outcome): readonly OddReply[] {
  const call = { id: "a", type: "function", function: { name: "note", arguments: json } };
  return [
    {
      format: "chat",
      stream: chat(callPiece({ index: 0, ...call }, call.function), chunk({}, "tool_calls")),
      whole: chatWhole({ tool_calls: [call] }, "tool_calls"),
      outcome,
    },
    {
      format: "chat",
      stream: chat(
        callPiece({ index: 0, id: "a" }, { name: "note", arguments: "" }),
        ...(json.match(/.{1,7}/gs)?.map((piece) => callPiece({ index: 0 }, { arguments: piece })) ?? []),
        chunk({}, "tool_calls"),
      ),
      outcome,
    },
    { format: "messages", stream: messages("tool_use", callBlock(0, {}, ...(json.match(/.{1,7}/gs) ?? []))), outcome },
    { format: "responses", stream: [completed([asked(json)])], whole: response([asked(json)]), outcome },
  ];
}

/** Arguments that are a value of the answer itself. */
function asValue(json: string, outcome: Outcome): readonly OddReply[] {
  const raw = asItIs(json);
  const call = { id: "a", type: "function", function: { name: "note", arguments: raw } };
  return [
    {
      format: "chat",
      stream: chat(callPiece({ index: 0, ...call }, call.function), chunk({}, "tool_calls")),
      whole: chatWhole({ tool_calls: [call] }, "tool_calls"),
      outcome,
    },
    {
      format: "messages",
      stream: messages("tool_use", [
        blockStart(0, { type: "tool_use", id: "t1", name: "note", input: raw }),
        blockStop(0),
      ]),
      whole: messageWhole([{ type: "tool_use", id: "t1", name: "note", input: raw }], "tool_use"),
      outcome,
    },
    { format: "responses", stream: [completed([asked(raw)])], whole: response([asked(raw)]), outcome },
  ];
}

/** In every way in which a call can have arguments. */
function everywhere(json: string, outcome: Outcome): readonly OddReply[] {
  return [...inText(json, outcome), ...asValue(json, outcome)];
}

const runs = (...ran: readonly JsonObject[]): Outcome => ({ ran });

const DEEP = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;

export const givenArguments: readonly Oddity[] = [
  {
    name: "They say in their own way that a call has no arguments",
    becomes: "a call",
    // langchain-ai/langchain#34242, 1jehuang/jcode#225, BerriAI/litellm#5063
    replies: [
      ...["", " ", "null", "[]", "{}"].flatMap((json) => inText(json, runs({}))),
      ...["null", '""', "[]", "{}", '"{}"'].flatMap((json) => asValue(json, runs({}))),
    ],
  },
  {
    name: "They give arguments as an object where a text is due, or as a text where an object is",
    becomes: "a call",
    replies: [
      ...asValue('{"n":1,"deep":{"a":[null]}}', runs({ n: 1, deep: { a: [null] } })),
      ...asValue('"{\\"n\\":1}"', runs({ n: 1 })),
      {
        format: "chat",
        stream: chat(
          callPiece({ index: 0, id: "a" }, { name: "note", arguments: { n: 1 } }),
          callPiece({ index: 0 }, { arguments: { m: [2] } }),
          chunk({}, "tool_calls"),
        ),
        outcome: runs({ n: 1, m: [2] }),
      },
    ],
  },
  {
    name: "They write arguments out as JSON twice",
    becomes: "a call",
    // vllm-project/vllm#54964, livekit/agents#5409 (Nova), quarkiverse/quarkus-langchain4j#2642
    replies: [
      ...inText('"{\\"n\\":1}"', runs({ n: 1 })),
      ...inText('"\\"{\\\\\\"n\\\\\\":1}\\""', { told: /must be a JSON object|not complete JSON/ }),
      ...inText('"n = 1"', { told: /The arguments must be a JSON object, not n = 1/ }),
    ],
  },
  {
    name: "They give arguments that are no JSON, or no object",
    becomes: "an error that the model reads",
    replies: [
      ...["{'n': 1}", '{"n":1}</tool_call>', '{"n":NaN}', '{"n":1'].flatMap((json) =>
        inText(json, { told: /^The arguments are not complete JSON: / }),
      ),
      ...["[1]", "5", "true"].flatMap((json) => everywhere(json, { told: /^The arguments must be a JSON object/ })),
    ],
  },
  {
    name: "They give numbers that JavaScript has no room for",
    becomes: "an error that the model reads",
    // earendil-works/pi#8943, pailat/adk-llm-bridge#67
    replies: [
      ...["2512292042121000001", "9007199254740993", "0.1234567890123456789", "1e400", "-1E-400"].flatMap((number) =>
        everywhere(`{"list":[{"id":${number}}]}`, {
          told: new RegExp(`the number ${number} would lose digits and become `),
        }),
      ),
      ...everywhere(
        '{"id":9007199254740991,"m":0.1,"e":1e21,"z":1.50}',
        runs({ id: 9007199254740991, m: 0.1, e: 1e21, z: 1.5 }),
      ),
      ...everywhere('{"id":"2512292042121000001"}', runs({ id: "2512292042121000001" })),
    ],
  },
  {
    name: "They nest arguments without end",
    becomes: "an error that the model reads",
    replies: [
      ...everywhere(DEEP, { told: /they are nested more than 256 levels deep/ }),
      ...inText(`${"[".repeat(100_000)}`, { told: /not complete JSON/ }),
      ...everywhere(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`, {
        ran: [JSON.parse(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`) as JsonObject],
      }),
    ],
  },
  {
    name: "They name arguments as parts of JavaScript's own are named, or twice",
    becomes: "a call",
    replies: [
      ...everywhere('{"constructor":1,"toString":2}', runs({ constructor: 1, toString: 2 })),
      ...everywhere('{"n":1,"n":2}', runs({ n: 2 })),
    ],
  },
];
