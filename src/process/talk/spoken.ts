import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { parseJson } from "../contract/exact-json.ts";

/** An API's own way to write down what a model said; `plain` is that of models behind no API. */
export type BlockForm = "messages" | "responses" | "chat" | "ai_sdk" | "plain";

/** A part of what a model said, in nobody's own form. */
export type SpokenPart =
  | { readonly kind: "text"; readonly text: string }
  | SpokenCall
  /** Of use only to who has thought it. */
  | { readonly kind: "reasoning" }
  /** What only its own API takes back; `type` is its name there. */
  | { readonly kind: "other"; readonly type: string }
  /** No block that any API knows how to read. */
  | { readonly kind: "malformed"; readonly problem: string };

/** A call that is for us to answer. */
export interface SpokenCall {
  readonly kind: "call";
  readonly id: string;
  readonly name: string;
  /** `{}` where they cannot be read. */
  readonly args: JsonObject;
}

export interface Spoken {
  /** Whose form it is; `"text"` where all forms look alike, undefined for blocks that are not known here. */
  readonly form: BlockForm | "text" | undefined;
  /** For each block, its parts. */
  readonly parts: readonly (readonly SpokenPart[])[];
}

/** Reads the content of a model's message, in whatever API's form it is. */
export function readSpoken(content: readonly JsonValue[]): Spoken {
  const blocks = content.map((block) => (isJsonObject(block) ? readBlock(block) : malformed("must be an object")));
  const isText = content.every((block) => isJsonObject(block) && block.type === "text");
  const form = blocks.find((block) => block.form !== undefined)?.form;
  return { form: form ?? (isText ? "text" : undefined), parts: blocks.map(({ parts }) => parts) };
}

interface Block {
  readonly form: BlockForm | undefined;
  readonly parts: readonly SpokenPart[];
}

function readBlock(block: JsonObject): Block {
  const { type } = block;
  if (type === undefined && block.role === "assistant") return { form: "chat", parts: chatParts(block) };
  if (typeof type !== "string" || type === "") return malformed('needs a "type"');
  const read = READERS[type];
  if (read !== undefined) return read(block);
  return { form: formOfUnknown(type), parts: [{ kind: "other", type }] };
}

const READERS: Readonly<Record<string, (block: JsonObject) => Block>> = {
  text: ({ text }) => ({ form: undefined, parts: [textPart(text)] }),
  thinking: () => ({ form: "messages", parts: REASONING }),
  redacted_thinking: () => ({ form: "messages", parts: REASONING }),
  tool_use: ({ id, name, input }) => ({ form: "messages", parts: [call(id, name, input)] }),
  message: ({ content }) => ({ form: "responses", parts: listOf(content).map(outputPart) }),
  function_call: ({ call_id: id, name, arguments: args }) => ({ form: "responses", parts: [call(id, name, args)] }),
  reasoning: ({ text }) => ({ form: typeof text === "string" ? "ai_sdk" : "responses", parts: REASONING }),
  "tool-call": ({ toolCallId, toolName, input, providerExecuted }) => {
    const other: SpokenPart = { kind: "other", type: "tool-call" };
    return { form: "ai_sdk", parts: [providerExecuted === true ? other : call(toolCallId, toolName, input)] };
  },
  "tool-result": () => ({ form: "ai_sdk", parts: [{ kind: "other", type: "tool-result" }] }),
  "reasoning-file": () => ({ form: "ai_sdk", parts: REASONING }),
  // Not even its own provider gets them back.
  source: () => ({ form: "ai_sdk", parts: [] }),
  "tool-approval-request": () => ({ form: "ai_sdk", parts: [] }),
  file: ({ mediaType }) => ({
    form: typeof mediaType === "string" ? "ai_sdk" : undefined,
    parts: [{ kind: "other", type: "file" }],
  }),
  tool_call: ({ id, name, args }) => ({ form: "plain", parts: [call(id, name, args)] }),
};

const REASONING: readonly SpokenPart[] = Object.freeze([Object.freeze({ kind: "reasoning" })]);

/** What an API's own tools leave behind bears its handwriting. */
function formOfUnknown(type: string): BlockForm | undefined {
  if (/_(tool_use|tool_result|delta)$|^(server|mcp)_tool_/.test(type)) return "messages";
  return /_call(_output)?$|^mcp_(list_tools|approval_)/.test(type) ? "responses" : undefined;
}

function chatParts({ content, refusal, tool_calls: calls, audio, ...rest }: JsonObject): readonly SpokenPart[] {
  const said = Array.isArray(content) ? listOf(content).map(chatPart) : content == null ? [] : [textPart(content)];
  const refused: readonly SpokenPart[] = refusal == null ? [] : [textPart(refusal)];
  const thought = ["reasoning", "reasoning_content", "reasoning_details"].some((key) => rest[key] != null);
  return [
    ...(thought ? REASONING : []),
    ...said,
    ...refused,
    ...(audio == null ? [] : [{ kind: "other", type: "audio" } as const]),
    ...listOf(calls).map(chatCall),
  ];
}

function chatPart(part: JsonValue): SpokenPart {
  if (!isJsonObject(part)) return { kind: "malformed", problem: "has a part that is no object" };
  if (part.type === "text") return textPart(part.text);
  if (part.type === "refusal") return textPart(part.refusal);
  const isThought = part.type === "thinking" || part.type === "reasoning";
  return isThought ? { kind: "reasoning" } : { kind: "other", type: describe(part.type) };
}

function chatCall(value: JsonValue): SpokenPart {
  if (!isJsonObject(value)) return { kind: "malformed", problem: "has a tool call that is no object" };
  if (isJsonObject(value.custom)) return call(value.id, value.custom.name, { input: value.custom.input ?? "" });
  const called = isJsonObject(value.function) ? value.function : {};
  return call(value.id, called.name, called.arguments);
}

function outputPart(part: JsonValue): SpokenPart {
  if (!isJsonObject(part)) return { kind: "malformed", problem: "has a part that is no object" };
  if (part.type === "output_text" || part.type === "text") return textPart(part.text);
  if (part.type === "refusal") return textPart(part.refusal);
  return { kind: "other", type: describe(part.type) };
}

function textPart(text: JsonValue | undefined): SpokenPart {
  return typeof text === "string"
    ? { kind: "text", text }
    : { kind: "malformed", problem: "has a text that is no string" };
}

function call(id: JsonValue | undefined, name: JsonValue | undefined, args: JsonValue | undefined): SpokenPart {
  if (typeof id !== "string" || id === "") return { kind: "malformed", problem: "is a tool call without an id" };
  if (typeof name !== "string" || name === "") return { kind: "malformed", problem: "is a tool call without a name" };
  return { kind: "call", id, name, args: readArguments(args) ?? {} };
}

/** An object, or the JSON text of one, written out twice or not; nothing at all is no arguments. Undefined for all else. */
export function readArguments(given: JsonValue | undefined): JsonObject | undefined {
  if (isJsonObject(given)) return given;
  if (given === undefined || given === null || (Array.isArray(given) && given.length === 0)) return {};
  if (typeof given !== "string") return undefined;
  if (given.trim() === "") return {};
  try {
    const value = parseJson(given);
    return typeof value === "string" && !/^\s*(\{|$)/.test(value) ? undefined : readArguments(value);
  } catch {
    return undefined;
  }
}

function malformed(problem: string): Block {
  return { form: undefined, parts: [{ kind: "malformed", problem }] };
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
