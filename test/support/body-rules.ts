import { messagesApiProblems } from "./provider-rules.ts";

/*
 * What each API refuses a request's conversation for, by the body on the wire, written from the vendors' documentation
 * and error texts and from nothing of ours.
 */

type Body = Readonly<Record<string, unknown>>;
type Item = Readonly<Record<string, unknown>>;
type Say = (problem: string) => void;

/** (https://platform.claude.com/docs/en/api/messages) */
export function messagesBodyProblems(body: Body): string[] {
  const problems = messagesApiProblems(body);
  for (const { role, content } of listIn(body.messages)) {
    for (const { type, id, name } of listIn(content)) {
      if (type === "tool_use" && !/^[a-zA-Z0-9_-]{1,128}$/.test(String(name)))
        problems.push(`tool_use.name: ${String(name)}`);
      const known = role === "user" ? USER_BLOCKS : ASSISTANT_BLOCKS;
      if (!known.includes(String(type))) problems.push(`a ${String(role)} message has a block of type ${String(type)}`);
      if (type === "tool_use" && !/^[a-zA-Z0-9_-]+$/.test(String(id))) problems.push(`tool_use.id: ${String(id)}`);
    }
  }
  return problems;
}

const USER_BLOCKS = ["text", "image", "document", "tool_result"];
const ASSISTANT_BLOCKS = ["text", "thinking", "redacted_thinking", "tool_use"];

/** (https://platform.openai.com/docs/api-reference/chat/create) */
export function chatBodyProblems(body: Body): string[] {
  const problems: string[] = [];
  let open: string[] = [];
  for (const [place, message] of listIn(body.messages).entries()) {
    const say: Say = (problem) => problems.push(`messages[${place}]: ${problem}`);
    const { role, content } = message;
    if (!["system", "user", "assistant", "tool"].includes(String(role))) say(`role ${String(role)}`);
    if ("type" in message) say(`an extra key "type": ${String(message.type)}`);
    if (role === "tool") {
      const id = String(message.tool_call_id);
      if (typeof content !== "string") say("a result must be a text");
      if (!open.includes(id)) say(`a result for ${id}, which nobody asked for`);
      open = open.filter((one) => one !== id);
      continue;
    }
    if (open.length > 0) say(`tool_calls without a result: ${open.join()}`);
    open = listIn(message.tool_calls).map((call) => judgedCall(call, say));
    const isEmpty = content === null || content === undefined || content === "" || listIn(content).length === 0;
    if (typeof content !== "string" && isEmpty && (role !== "assistant" || open.length === 0)) say("no content");
    for (const { type } of listIn(content)) {
      if (!["text", "image_url", "file"].includes(String(type))) say(`a part of type ${String(type)}`);
    }
  }
  if (open.length > 0) problems.push(`tool_calls without a result: ${open.join()}`);
  return problems;
}

/** "string does not match pattern" */
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

function judgedCall({ id, type, function: called }: Item, say: Say): string {
  const { name, arguments: json } = (called ?? {}) as Item;
  if (type !== "function" || typeof name !== "string" || typeof json !== "string") say("a malformed tool call");
  else if (!TOOL_NAME.test(name)) say(`the name ${name}`);
  else if (!isObjectJson(json)) say("arguments that are no object");
  return String(id);
}

/** "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9." (https://docs.mistral.ai) */
export function mistralBodyProblems(body: Body): string[] {
  const problems = listIn(body.messages)
    .flatMap((message) => [...listIn(message.tool_calls).map(({ id }) => id), message.tool_call_id])
    .filter((id) => id !== undefined && !/^[a-zA-Z0-9]{9}$/.test(String(id)))
    .map((id) => `tool call id was ${String(id)}`);
  // The package of the AI SDK leaves a content out as an empty text.
  const messages = listIn(body.messages).map((message) =>
    message.role === "assistant" && message.content === "" ? { ...message, content: null } : message,
  );
  return [...problems, ...chatBodyProblems({ messages })];
}

/** (https://platform.openai.com/docs/api-reference/responses/create) */
export function responsesBodyProblems(body: Body): string[] {
  const problems: string[] = [];
  const open = new Set<string>();
  for (const [place, item] of listIn(body.input).entries()) {
    const say: Say = (problem) => problems.push(`input[${place}]: ${problem}`);
    const { type = "message", role, content, call_id: id, arguments: json, output } = item;
    if (type === "message") {
      if (role !== "user" && role !== "assistant") say(`role ${String(role)}`);
      const parts = role === "user" ? ["input_text", "input_image", "input_file"] : ["output_text", "refusal"];
      for (const part of listIn(content)) if (!parts.includes(String(part.type))) say(`a part ${String(part.type)}`);
      if (typeof content !== "string" && listIn(content).length === 0) say("no content");
    } else if (type === "function_call") {
      if (typeof id !== "string" || id.length > 64 || typeof item.name !== "string") say("a malformed call");
      if (!TOOL_NAME.test(String(item.name))) say(`the name ${String(item.name)}`);
      if (typeof json !== "string" || !isObjectJson(json)) say("malformed arguments");
      open.add(String(id));
    } else if (type === "function_call_output") {
      if (typeof output !== "string") say("no output");
      if (!open.delete(String(id))) say(`no tool call found for function call output with call_id ${String(id)}`);
    } else if (type !== "reasoning") say(`an item of type ${String(type)}`);
  }
  for (const id of open) problems.push(`no tool output found for function call ${id}`);
  return problems;
}

/** (https://ai.google.dev/api/generate-content) */
export function geminiBodyProblems(body: Body): string[] {
  const problems: string[] = [];
  let open = 0;
  let before = "";
  for (const [place, { role, parts }] of listIn(body.contents).entries()) {
    const say: Say = (problem) => problems.push(`contents[${place}]: ${problem}`);
    // Two of the user's may follow each other: results, and what the user says next.
    if (role !== "user" && (role !== "model" || before !== "user")) say(`the role ${String(role)} has no place here`);
    before = String(role);
    const list = listIn(parts);
    if (list.length === 0) say("no parts");
    for (const part of list) {
      const keys = Object.keys(part).filter((key) => !["thought", "thoughtSignature"].includes(key));
      const known = ["text", "functionCall", "functionResponse", "inlineData", "fileData"];
      for (const { name } of [part.functionCall, part.functionResponse].filter(Boolean) as Item[]) {
        if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(name))) say(`the name ${String(name)}`);
      }
      if (keys.length !== 1 || !known.includes(String(keys[0]))) say(`a part with ${keys.join()}`);
    }
    const answers = list.filter((part) => "functionResponse" in part).length;
    if (answers !== open) say(`${answers} function responses for ${open} calls in the turn before`);
    open = list.filter((part) => "functionCall" in part).length;
  }
  return open > 0 ? [...problems, "function calls without a response"] : problems;
}

/** (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html) */
export function converseBodyProblems(body: Body): string[] {
  const problems: string[] = [];
  let open: readonly unknown[] = [];
  for (const [place, { role, content }] of listIn(body.messages).entries()) {
    const say: Say = (problem) => problems.push(`messages[${place}]: ${problem}`);
    if (role !== (place % 2 === 0 ? "user" : "assistant")) say(`roles must alternate, found ${String(role)}`);
    const blocks = listIn(content);
    if (blocks.length === 0) say("the content field is empty");
    const known = ["text", "image", "document", "toolUse", "toolResult", "reasoningContent", "cachePoint"];
    for (const block of blocks) {
      if (!Object.keys(block).every((key) => known.includes(key))) say(`a block with ${Object.keys(block).join()}`);
    }
    const answers = blocks.flatMap(({ toolResult }) => (toolResult ? [(toolResult as Item).toolUseId] : []));
    for (const id of open) if (!answers.includes(id)) say(`expected toolResult for ${String(id)}`);
    for (const id of answers) if (!open.includes(id)) say(`an unexpected toolResult for ${String(id)}`);
    open = blocks.flatMap(({ toolUse }) => (toolUse ? [(toolUse as Item).toolUseId] : []));
    for (const id of open) if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(id))) say(`toolUseId ${String(id)}`);
    for (const { toolUse } of blocks) {
      const { name = "ok" } = (toolUse ?? {}) as Item;
      if (!TOOL_NAME.test(String(name))) say(`toolUse.name ${String(name)}`);
    }
  }
  return open.length > 0 ? [...problems, "a toolUse without a result"] : problems;
}

function isObjectJson(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function listIn(value: unknown): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [];
}
