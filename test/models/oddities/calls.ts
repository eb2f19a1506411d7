import type { JsonObject } from "../../../src/json.ts";
import type { WireEvent } from "../../support/wire-server.ts";
import type { Oddity, OddReply } from "../servers-really.ts";
import {
  argumentsDelta,
  asked,
  blockStart,
  callBlock,
  callPiece,
  chat,
  chatWhole,
  chunk,
  completed,
  itemAdded,
  itemDone,
  messages,
  messageWhole,
  response,
} from "./events.ts";

type Piece = readonly [call: Readonly<Record<string, unknown>>, called?: Readonly<Record<string, unknown>>];

/** A chat stream of these pieces of calls. */
function pieces(...list: readonly Piece[]): readonly WireEvent[] {
  return chat(...list.map(([call, called]) => callPiece(call, called)), chunk({}, "tool_calls"));
}

function chatRuns(ran: readonly JsonObject[], ...streams: readonly (readonly Piece[])[]): readonly OddReply[] {
  return streams.map((list) => ({ format: "chat", stream: pieces(...list), outcome: { ran } }));
}

const note = (json: unknown) => ({ name: "note", arguments: json });
const more = (json: unknown) => ({ arguments: json });
const [ONE, TWO] = [{ n: 1 }, { n: 2 }];

export const calls: readonly Oddity[] = [
  {
    name: "They repeat the id and the name of a call with each piece of it, or make a new id for each",
    becomes: "one call",
    // NousResearch/hermes-agent#8259 (MiniMax on NVIDIA), vllm-project/vllm#44098
    replies: chatRuns(
      [ONE],
      [
        [{ index: 0, id: "a", type: "function" }, note('{"n"')],
        [{ index: 0, id: "a", type: "function" }, note(":1")],
        [{ index: 0, id: "a", type: "function" }, note("}")],
      ],
      [
        [{ index: 0, id: "a" }, note("")],
        [{ index: 0, id: "b" }, more('{"n":1}')],
      ],
      [
        [{ index: 0, id: "a" }, note('{"n"')],
        [{ index: 0, id: "b" }, note(":1}")],
      ],
      [
        [{ id: "a" }, note('{"n"')],
        [{ id: "b" }, note(":1}")],
      ],
    ),
  },
  {
    name: "They send a whole call again, or nothing more in its name",
    becomes: "one call",
    // vllm-project/vllm#44098
    replies: [
      ...chatRuns(
        [ONE],
        [
          [{ index: 0, id: "a" }, note('{"n":1}')],
          [{ index: 0, id: "a" }, note('{"n":1}')],
        ],
        [
          [{ index: 0, id: "a" }, note('{"n":')],
          [{ index: 0 }, more("1}")],
          [{ index: 0, id: "a" }, note('{ "n": 1 }')],
        ],
        [
          [{ index: 0, id: "a" }, note('{"n":1}')],
          [{ index: 0, id: "a" }, note("")],
          [{ index: 0, id: "a" }, note(null)],
        ],
        [
          [{ index: 0, id: "a" }, note('{"n":1}')],
          [{ index: 0 }, more('{"n":1}')],
        ],
        [
          [{ id: "a" }, note(ONE)],
          [{ id: "a" }, note(ONE)],
        ],
      ),
      {
        format: "messages",
        stream: messages("tool_use", callBlock(0, {}, '{"n":1}'), callBlock(0, {}, '{"n":1}')),
        outcome: { ran: [ONE] },
      },
      {
        format: "messages",
        stream: messages("tool_use", [
          blockStart(0, { type: "tool_use", id: "t1", name: "note", input: {} }),
          ...callBlock(0, {}, '{"n"', ":1}"),
        ]),
        outcome: { ran: [ONE] },
      },
      {
        format: "responses",
        stream: [
          itemAdded(asked("")),
          argumentsDelta('{"n":1}', { item_id: "fc_1", output_index: 0 }),
          { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 0, arguments: '{"n":1}' },
          itemDone(asked('{"n":1}')),
          itemDone(asked('{"n":1}')),
          completed([asked('{"n":1}')]),
        ],
        outcome: { ran: [ONE] },
      },
    ],
  },
  {
    name: "They begin with the arguments `{}`, and then send the real ones",
    becomes: "one call",
    // BerriAI/litellm#4537
    replies: [
      ...chatRuns(
        [ONE],
        [
          [{ index: 0, id: "a" }, note("{}")],
          [{ index: 0 }, more('{"n":1}')],
        ],
        [
          [{ index: 0, id: "a" }, note("{}")],
          [{ index: 0 }, more('{"n')],
          [{ index: 0 }, more('":1}')],
        ],
        [
          [{ index: 0, id: "a" }, note("{}")],
          [{ index: 0, id: "a" }, note('{"n":1}')],
        ],
        [
          [{ index: 0, id: "a" }, note({})],
          [{ index: 0, id: "a" }, note(ONE)],
        ],
      ),
      {
        format: "chat",
        whole: chatWhole({ tool_calls: [{ id: "a", function: note('{}{"n":1}') }] }, "tool_calls"),
        outcome: { ran: [ONE] },
      },
      {
        format: "messages",
        stream: messages("tool_use", callBlock(0, {}, "{}", '{"n":1}')),
        outcome: { ran: [ONE] },
      },
      {
        format: "responses",
        stream: [completed([asked('{}{"n":1}')])],
        outcome: { ran: [ONE] },
      },
    ],
  },
  {
    name: "They send the name of a call in pieces, or later than its arguments",
    becomes: "one call",
    // continuedev/continue#5849 (Gemini), ankit373/hydra#957
    replies: chatRuns(
      [ONE],
      [
        [
          { index: 0, id: "a" },
          { name: "no", arguments: "" },
        ],
        [{ index: 0 }, { name: "te", arguments: "" }],
        [{ index: 0 }, more('{"n":1}')],
      ],
      [
        [
          { index: 0, id: "a" },
          { name: "no", arguments: '{"n' },
        ],
        [{ index: 0 }, { name: "te", arguments: '":1}' }],
      ],
      [
        [{ index: 0, id: "a" }, { name: "no" }],
        [
          { index: 0, id: "a" },
          { name: "note", arguments: '{"n":1}' },
        ],
      ],
      [
        [{ index: 0, id: "a" }, more('{"n":1}')],
        [{ index: 0 }, { name: "note" }],
      ],
      [
        [{ id: "a", type: "function" }, { name: "no" }],
        [{}, { name: "te" }],
        [{}, more('{"n":1}')],
      ],
    ),
  },
  {
    name: "They give the same index to all calls of a reply, or none",
    becomes: "each call",
    // ollama/ollama#15457, LibreChat-AI/agents#260, langchain-ai/langchain#35281, SamSaffron/term-llm#314, comet-ml/opik#8362
    replies: chatRuns(
      [ONE, TWO],
      [
        [{ index: 0, id: "a" }, note('{"n":1}')],
        [{ index: 0, id: "b" }, note('{"n":2}')],
      ],
      [
        [{ index: 0, id: "a" }, note("")],
        [{ index: 0 }, more('{"n"')],
        [{ index: 0 }, more(":1}")],
        [{ index: 0, id: "b" }, note("")],
        [{ index: 0 }, more('{"n"')],
        [{ index: 0 }, more(":2}")],
      ],
      [
        [{ index: 0 }, note('{"n":1}')],
        [{ index: 0 }, note('{"n":2}')],
      ],
      [
        [{ id: "same" }, note('{"n":1}')],
        [{ id: "same" }, note('{"n":2}')],
      ],
      [
        [{}, note(ONE)],
        [{}, note(TWO)],
      ],
      [
        [{ id: "a" }, note("")],
        [{ id: "b" }, note("")],
        [{ id: "a" }, more('{"n":1')],
        [{ id: "b" }, more('{"n":2')],
        [{ id: "a" }, more("}")],
        [{ id: "b" }, more("}")],
      ],
      [
        [{ id: "a" }, note('{"n":1}')],
        [{ index: 1, id: "b" }, note('{"n":2}')],
      ],
    ),
  },
  {
    name: "They mix the pieces of calls, give ids later, or write out that there is none",
    becomes: "each call",
    // QwenLM/Qwen-Agent#943, langchain-ai/langchainjs#11373 (z.ai)
    replies: chatRuns(
      [ONE, TWO],
      [
        [{ index: 0 }, note('{"n"')],
        [{ index: 1, id: "b" }, note('{"n"')],
        [{ index: 0, id: "a" }, more(":1}")],
        [{ index: 1 }, more(":2}")],
      ],
      [
        [{ index: 0, id: "a" }, note('{"n"')],
        [
          { index: 0, id: "null", type: null },
          { name: null, arguments: ":1}" },
        ],
        [{ index: 1, id: "b" }, note("")],
        [{ index: 1, id: "null" }, more('{"n":2}')],
      ],
      [
        [{ index: "0", id: "a" }, note('{"n":1}')],
        [{ index: "1", id: "b" }, note('{"n":2}')],
      ],
    ),
  },
  {
    name: "They give calls no ids, or all the same",
    becomes: "each call",
    replies: [undefined, "", null, "same", 5].flatMap((id) => [
      {
        format: "chat" as const,
        whole: chatWhole({ tool_calls: [ONE, TWO].map((args) => ({ id, function: note(JSON.stringify(args)) })) }),
        outcome: { ran: [ONE, TWO] },
      },
      {
        format: "messages" as const,
        stream: messages("tool_use", callBlock(0, { id }, '{"n":1}'), callBlock(1, { id }, '{"n":2}')),
        whole: messageWhole(
          [ONE, TWO].map((input) => ({ type: "tool_use", id, name: "note", input })),
          "tool_use",
        ),
        outcome: { ran: [ONE, TWO] },
      },
      {
        format: "responses" as const,
        whole: response([ONE, TWO].map((args) => asked(JSON.stringify(args), { id, call_id: id }))),
        outcome: { ran: [ONE, TWO] },
      },
    ]),
  },
  {
    name: "They leave out which item of a response an event is about, or say it wrong",
    becomes: "each call",
    // ggml-org/llama.cpp#20607, lemonade-sdk/lemonade#3607, tontinton/maki#514, tashfeenahmed/freellmapi#846
    replies: [
      [{}, {}],
      [{ output_index: null }, { output_index: null }],
      [{ item_id: "fc_1" }, { item_id: "fc_2" }],
      [{ output_index: 0 }, { output_index: 0 }],
    ].flatMap(([first = {}, second = {}]) =>
      [[], null, [asked('{"n":1}'), asked('{"n":2}', { id: "fc_2", call_id: "call_2" })]].map((output) => ({
        format: "responses" as const,
        stream: [
          { type: "response.output_item.added", ...first, item: asked("") },
          argumentsDelta('{"n"', first),
          argumentsDelta(":1}", first),
          { type: "response.output_item.done", ...first, item: asked("") },
          { type: "response.output_item.added", ...second, item: asked("", { id: "fc_2", call_id: "call_2" }) },
          argumentsDelta('{"n":2}', second),
          completed(output),
        ],
        outcome: { ran: [ONE, TWO] },
      })),
    ),
  },
];
