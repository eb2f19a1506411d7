import type {
  EventRecord,
  JsonObject,
  LLMProcess,
  Message,
  Model,
  ModelIO,
  Reply,
  ToolContext,
  ToolReply,
} from "llmproc";
import { RunError, tool } from "llmproc";
import { expect } from "vitest";

const anyObject = { type: "object", additionalProperties: true } as const;

/** A tool that takes anything. */
export function anyTool(
  name: string,
  execute: (args: JsonObject, context: ToolContext) => unknown,
  { timeoutMs }: { timeoutMs?: number } = {},
) {
  const definition = { name, description: name, parameters: anyObject, ...(timeoutMs !== undefined && { timeoutMs }) };
  // The schema takes any object, so that any JSON object is what it says.
  return tool({ ...definition, execute: (args: unknown, context) => execute(args as JsonObject, context) });
}

/** Something that tests open by hand, so that no outcome hangs on time. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** A tool's or handler's body that says it is under way, and never settles. */
export function hangs(reached: { open(): void }): () => Promise<never> {
  return () => {
    reached.open();
    return new Promise(() => {});
  };
}

/** Lets everybody through once `count` have arrived: nobody passes unless all are under way at the same time. */
export function barrier(count: number): () => Promise<void> {
  const all = gate();
  let arrived = 0;
  return () => {
    arrived++;
    if (arrived === count) all.open();
    return all.opened;
  };
}

/** All microtasks and what they bring about have had their turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What the tools of a conversation came to. */
export const repliesOf = ({ messages }: LLMProcess): readonly ToolReply[] =>
  messages.flatMap((message) => (message.role === "tool" ? message.content : []));

export function recordsOf(proc: LLMProcess): EventRecord[] {
  const records: EventRecord[] = [];
  proc.on("*", (record) => records.push(record));
  return records;
}

/** What a run rejects with. */
export async function failureOf(run: Promise<unknown>): Promise<RunError> {
  const thrown = await run.then(
    () => new Error("The run resolved."),
    (error: unknown) => error,
  );
  if (!(thrown instanceof RunError)) throw new Error(`Not a RunError: ${String(thrown)}`, { cause: thrown });
  return thrown;
}

/** What happens first: the promise settles, or it hangs. */
export async function inTime<T>(promise: PromiseLike<T>, ms = 20_000): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not settled within ${ms} ms.`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A conversation that a provider accepts: it begins with the user, ends with the model or with results, has the
 * results of every call right behind the message that asked, in order, and no prompt without a reply.
 */
export function expectWellFormed(messages: readonly Message[]): void {
  const problems: string[] = [];
  messages.forEach((message, place) => {
    const next = messages[place + 1];
    if (message.role === "user" && next?.role !== "assistant") problems.push(`${place}: a prompt without a reply`);
    if (message.role === "tool" && messages[place - 1]?.role !== "assistant") problems.push(`${place}: stray results`);
    if (message.role === "assistant") {
      const asked = message.content.filter((block) => block.type === "tool_call").map((block) => block.id);
      const answered = next?.role === "tool" ? next.content.map(({ callId }) => callId) : [];
      if (asked.join() !== answered.join()) problems.push(`${place}: asked ${asked.join()}, got ${answered.join()}`);
      if (messages[place - 1] === undefined) problems.push("the model speaks first");
    }
  });
  expect(problems).toEqual([]);
}

/** A model that is a function: for what no scripted one would do. */
export function customModel(send: (io: ModelIO, depth: number) => Promise<Reply>): Model {
  return { provider: "custom", name: "custom", send: (conversation, io) => send(io, conversation.depth) };
}

export function textReply(text: string): Reply {
  return {
    response: { text },
    content: [{ type: "text", text }],
    texts: [text],
    toolCalls: [],
    usage: undefined,
    stopReason: "end",
  };
}
