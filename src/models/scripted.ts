import { describe, LLMProcError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { deepCopy } from "../json.ts";
import type { Conversation, Model, ModelIO, Reply, TokenUsage, ToolCall } from "../process/contract/model.ts";
import { ModelError } from "../process/contract/model.ts";
import type { MostUsed } from "./bounds/scripted-bound.ts";
import { scriptedBound } from "./bounds/scripted-bound.ts";
import { checkReply, checkScript } from "./check-script.ts";
import type { Script, ScriptedOptions, ScriptedReply, ScriptedStep } from "./script.ts";

/** A model that replies from a list. */
export interface ScriptedModel extends Model {
  /** How many replies were left. */
  readonly unused: number;
}

/**
 * A model that replies from a list: without a key, without a network, the same each time.
 *
 * @throws LLMProcError `program_invalid` that names what no script can have
 * @example
 * scripted([{ toolCalls: [{ name: "add", args: { a: 1, b: 2 } }] }, { text: "3" }])
 */
export function scripted(script: Script, options: ScriptedOptions = {}): ScriptedModel {
  checkScript(script, options);
  const { name = "scripted", provider = "scripted", repeat = false } = options;
  const lists = isList(script)
    ? [new StepList(script, repeat)]
    : [new StepList(script.root, repeat), new StepList(script.child, repeat)];
  const most = mostUsed(lists);
  return {
    name,
    provider,
    bound: (payload, counted) => scriptedBound(payload, counted, most),
    get unused() {
      return lists.reduce((sum, list) => sum + list.unused, 0);
    },
    async send(conversation, io) {
      io.signal.throwIfAborted();
      const list = (conversation.depth > 0 ? lists[1] : undefined) ?? lists[0];
      const sending = io.beforeSend(() => payloadOf(name, conversation));
      if (sending !== undefined) await sending;
      io.signal.throwIfAborted();
      const { step, number } = (list as StepList).next(name);
      const reply = typeof step === "function" ? await replyFrom(step, conversation, number) : step;
      if (reply.text !== undefined || reply.error !== undefined || reply.delayMs !== undefined) await play(reply, io);
      return replyOf(reply, number);
    },
  };
}

async function replyFrom(
  make: Extract<ScriptedStep, (...given: never[]) => unknown>,
  conversation: Conversation,
  number: number,
): Promise<ScriptedReply> {
  const reply: unknown = await make(conversation);
  checkReply(reply, `what the function for reply ${number} returned`);
  return reply;
}

class StepList {
  readonly #steps: readonly ScriptedStep[];
  readonly #repeat: boolean;
  #taken = 0;

  constructor(steps: readonly ScriptedStep[], repeat: boolean) {
    this.#steps = steps;
    this.#repeat = repeat;
  }

  /** What the replies say that they use, where they are there already. */
  get usages(): readonly Partial<TokenUsage>[] {
    return this.#steps.flatMap((step) => (typeof step === "function" ? [] : [step.usage ?? {}]));
  }

  get unused(): number {
    return Math.max(this.#steps.length - this.#taken, 0);
  }

  next(name: string): { step: ScriptedStep; number: number } {
    const place = this.#repeat && this.#steps.length > 0 ? this.#taken % this.#steps.length : this.#taken;
    const step = this.#steps[place];
    if (step === undefined) {
      throw new LLMProcError(
        "script_exhausted",
        `The scripted model ${describe(name)} was asked for reply ${this.#taken + 1}, but its script has ${this.#steps.length}. Add a reply, or pass { repeat: true }.`,
      );
    }
    this.#taken++;
    return { step, number: this.#taken };
  }
}

/** A script may say that a reply used more than any provider would count: then that is the bound. */
function mostUsed(lists: readonly StepList[]): MostUsed {
  const usages = lists.flatMap((list) => list.usages);
  return {
    inputTokens: Math.max(0, ...usages.map(({ inputTokens = 0 }) => inputTokens)),
    outputTokens: Math.max(0, ...usages.map(({ outputTokens = 0 }) => outputTokens)),
    cachesForAnHour: usages.some(({ cacheWrite1hTokens = 0 }) => cacheWrite1hTokens > 0),
  };
}

function isList(script: Script): script is readonly ScriptedStep[] {
  return Array.isArray(script);
}

/** What would go over the wire; the messages are made when somebody looks at them. */
function payloadOf(model: string, conversation: Conversation): JsonObject {
  const payload: { [key: string]: unknown; tools?: unknown } = {
    model,
    ...conversation.parameters,
    system: conversation.system,
  };
  Object.defineProperty(payload, CONVERSATION, { value: conversation });
  Object.defineProperty(payload, "messages", MESSAGES);
  payload.tools = conversation.tools;
  // A border post: messages and tools are plain data.
  return Object.freeze(payload) as JsonObject;
}

const CONVERSATION = Symbol("conversation");

/** One getter for all payloads: one that each has for itself costs more than the rest of a step's events. */
const MESSAGES: PropertyDescriptor & ThisType<{ readonly [CONVERSATION]: Conversation }> = {
  enumerable: true,
  get() {
    return this[CONVERSATION].messages;
  },
};

/** What happens before the whole reply is there. */
async function play(reply: ScriptedReply, io: ModelIO): Promise<void> {
  const { text = "", delayMs = 0, error, cutAfter } = reply;
  if (error !== undefined) {
    if (delayMs > 0) await sleep(delayMs, io.signal);
    const { status, message = "scripted error", retryAfterMs } = error;
    throw new ModelError(message, { status, retryAfterMs, connection: status === undefined });
  }
  const streamed = cutAfter === undefined ? text : text.slice(0, cutAfter);
  const pieces = streamed === "" ? [] : (streamed.match(/\s*\S+\s*?(?=\s|$)|\s+/gu) ?? [streamed]);
  if (delayMs > 0 && pieces.length === 0) await sleep(delayMs, io.signal);
  for (const piece of pieces) {
    if (delayMs > 0) await sleep(delayMs / pieces.length, io.signal);
    const waiting = io.onText(piece);
    if (waiting !== undefined) await waiting;
  }
  if (cutAfter !== undefined)
    throw new ModelError(`The stream broke after ${cutAfter} characters.`, { connection: true, accepted: true });
}

function replyOf({ text = "", toolCalls = [], usage, stopReason, stopDetail }: ScriptedReply, number: number): Reply {
  const calls = toolCalls.map(({ id, name, args = {} }, place): ToolCall => {
    return { id: id ?? `call_${number}_${place + 1}`, name, args: deepCopy(args) };
  });
  const content: JsonObject[] = calls.map(({ id, name, args }) => ({ type: "tool_call", id, name, args }));
  if (text !== "") content.unshift({ type: "text", text });
  const reason = stopReason ?? (calls.length === 0 ? "end" : "tool_use");
  const counted = usageOf(usage);
  return {
    response: { content, stopReason: reason, usage: counted },
    content,
    texts: text === "" ? [] : [text],
    toolCalls: calls,
    usage: counted,
    zeroIsMeant: true,
    stopReason: reason,
    ...(stopDetail !== undefined && { stopDetail }),
  };
}

function usageOf(given: Partial<TokenUsage> = NO_USAGE): TokenUsage & JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = given;
  return { ...given, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
}

const NO_USAGE: Partial<TokenUsage> = Object.freeze({});

/** What waits under a signal: one listener for all that a run waits for costs less than one for each. */
const sleepers = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>();

function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const waiting = sleepersOf(signal);
    const wake = (reason: unknown) => {
      clearTimeout(timer);
      reject(reason);
    };
    const timer = setTimeout(() => {
      waiting.delete(wake);
      resolve();
    }, delayMs);
    waiting.add(wake);
  });
}

function sleepersOf(signal: AbortSignal): Set<(reason: unknown) => void> {
  const known = sleepers.get(signal);
  if (known !== undefined) return known;
  const waiting = new Set<(reason: unknown) => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake(signal.reason);
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  sleepers.set(signal, waiting);
  return waiting;
}
