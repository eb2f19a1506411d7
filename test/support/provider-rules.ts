import type { Message } from "llmproc";

/*
 * What providers refuse a list of messages for, written from their documentation and from nothing of ours. A rule is
 * stricter than its provider where that mends what it gets, or lets it pass: prompts that nobody answered.
 */

interface Block {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly thinking?: unknown;
  readonly signature?: unknown;
  readonly name?: unknown;
  readonly input?: unknown;
  readonly id?: unknown;
  readonly tool_use_id?: unknown;
  readonly content?: unknown;
  readonly is_error?: unknown;
}

interface WireMessage {
  readonly role?: unknown;
  readonly content?: unknown;
}

/** What the Messages API has against the messages of a body. (https://platform.claude.com/docs/en/api/messages) */
export function messagesApiProblems(body: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  const messages = body.messages;
  if (!Array.isArray(messages) || messages.length === 0) return ["messages: at least one message is required"];
  const seen = new Set<unknown>();
  let asked: readonly unknown[] = [];
  for (const [place, { role, content }] of (messages as readonly WireMessage[]).entries()) {
    const say = (problem: string) => problems.push(`messages.${place}: ${problem}`);
    if (role !== (place % 2 === 0 ? "user" : "assistant")) say(`roles must alternate, found ${String(role)}`);
    if (!Array.isArray(content) || content.length === 0) {
      say("content must not be empty");
      continue;
    }
    const blocks = content as readonly Block[];
    for (const block of blocks) judgeBlock(block, say);
    const answers = blocks.filter(({ type }) => type === "tool_result").map(({ tool_use_id }) => tool_use_id);
    const results = blocks.findLastIndex(({ type }) => type === "tool_result") + 1;
    if (results !== answers.length) say("tool_result blocks must come first in the content");
    for (const id of asked) if (!answers.includes(id)) say(`tool_use ${String(id)} has no tool_result right after it`);
    for (const id of answers) if (!asked.includes(id)) say(`tool_result ${String(id)} has no tool_use right before it`);
    if (new Set(answers).size !== answers.length) say("each tool_use must have a single result");
    asked = blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id);
    for (const id of asked) {
      if (seen.has(id)) say(`tool_use ids must be unique, found ${String(id)} again`);
      seen.add(id);
    }
    if (role === "user" && asked.length > 0) say("a user cannot use tools");
    if (role === "assistant" && answers.length > 0) say("an assistant cannot answer tools");
  }
  if ((messages as readonly WireMessage[]).at(-1)?.role !== "user")
    problems.push("the last message must be the user's");
  return problems;
}

function judgeBlock({ type, text, content, is_error, ...block }: Block, say: (problem: string) => void): void {
  if (typeof type !== "string") say("a block must have a type");
  if (type === "thinking" && (typeof block.thinking !== "string" || typeof (block.signature ?? "") !== "string")) {
    say("thinking and its signature must be texts");
  }
  if (type === "tool_use") {
    if (!isText(block.id) || !isText(block.name)) say("a tool_use must have an id and a name");
    if (typeof block.input !== "object" || block.input === null || Array.isArray(block.input))
      say("the input of a tool_use must be an object");
  }
  if (type === "text" && (typeof text !== "string" || text.trim() === "")) say("text blocks must not be blank");
  if (type === "tool_result" && is_error === true && (content === undefined || content === "")) {
    say("content cannot be empty if is_error is true");
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

/** What Chat Completions has against a conversation that ends where a model is to speak. */
export function chatCompletionsProblems(conversation: readonly Message[]): string[] {
  const problems: string[] = [];
  let open: string[] = [];
  for (const [place, message] of conversation.entries()) {
    const say = (problem: string) => problems.push(`messages.${place}: ${problem}`);
    if (message.role === "tool") {
      if (message.content.length === 0) say("a tool message must answer something");
      for (const { callId, content, isError } of message.content) {
        if (isError && content.trim() === "") say("the content of an error must not be empty");
        if (!open.includes(callId)) say(`a tool message must follow the tool_calls it answers: ${callId}`);
        open = open.filter((id) => id !== callId);
      }
      continue;
    }
    if (open.length > 0) say(`tool_calls without an answer right behind them: ${open.join()}`);
    open = [];
    if (message.role === "user") {
      if (message.content.length === 0) say("a user message must have content");
      if (conversation[place - 1]?.role === "user") say("roles must alternate, found a prompt without a reply");
      continue;
    }
    open = message.content.flatMap(({ type, id }) => (type === "tool_use" || type === "tool_call" ? [String(id)] : []));
    if (new Set(open).size !== open.length) say("ids of tool_calls must differ");
    if (open.length === 0 && message.text === "") say("an assistant message must have content or tool_calls");
  }
  if (open.length > 0) problems.push(`tool_calls without an answer: ${open.join()}`);
  if (conversation.at(-1)?.role === "assistant") problems.push("the model has spoken already");
  return problems;
}
