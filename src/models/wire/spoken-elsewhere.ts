import { createHash } from "node:crypto";
import { LLMProcError } from "../../errors.ts";
import type { Message } from "../../events/message.ts";
import type { JsonObject } from "../../json.ts";
import type { BlockForm, Spoken, SpokenCall } from "../../process/spoken.ts";
import { readSpoken } from "../../process/spoken.ts";

/** How an API writes down what a model of another one said. */
export interface OwnForm {
  readonly form: BlockForm;
  /** Whether blocks of text are its own form, too. */
  readonly hasTextBlocks: boolean;
  /** For errors. */
  readonly vendor: string;
  /** The ids of calls that it takes from others. */
  readonly callIds: RegExp;
  /** Its own blocks for these texts and calls, in their order. */
  toBlocks(parts: readonly SayablePart[]): readonly JsonObject[];
}

/** What every API can be told that a model said. */
export type SayablePart = { readonly kind: "text"; readonly text: string } | SpokenCall;

/**
 * Returns a function that puts a conversation which (in parts) another provider's model has led into blocks of this
 * one's: texts and calls are converted, and the results of those calls with them. Reasoning stays behind, for only who
 * thought it can read it. A conversation of its own is returned as it is; each message is converted once.
 * @throws LLMProcError `conversation_invalid` for a block that cannot be converted, by its name
 */
export function inOwnForm(own: OwnForm): (messages: readonly Message[]) => readonly Message[] {
  const known = new WeakMap<Message, Said>();
  const saidIn = (message: Message): Said => {
    let said = known.get(message);
    if (said === undefined) {
      said = readMessage(message, own);
      known.set(message, said);
    }
    return said;
  };
  const converted = new WeakMap<Message, Converted>();
  return (messages) => {
    if (!messages.some((message) => saidIn(message).isForeign)) return messages;
    const taken = new Set<string>();
    let renamed: ReadonlyMap<string, string> = SAME;
    return messages.map((message) => {
      if (message.role !== "assistant") {
        const isAnswer = message.role === "tool" && renamed.size > 0;
        return isAnswer ? convertedOnce(converted, message, renamed, own) : message;
      }
      const { isForeign, callIds } = saidIn(message);
      renamed = isForeign ? newNames(callIds, taken, own.callIds) : SAME;
      for (const id of callIds) taken.add(renamed.get(id) ?? id);
      return isForeign ? convertedOnce(converted, message, renamed, own) : message;
    });
  };
}

interface Said {
  readonly isForeign: boolean;
  readonly callIds: readonly string[];
}

interface Converted {
  /** What its calls are called, to see whether it still holds. */
  readonly names: string;
  readonly message: Message;
}

const SAME: ReadonlyMap<string, string> = new Map();
const NOTHING: Said = Object.freeze({ isForeign: false, callIds: Object.freeze([]) });

function readMessage(message: Message, { form, hasTextBlocks }: OwnForm): Said {
  // An interrupted message has only its text.
  if (message.role !== "assistant" || message.content.length === 0) return NOTHING;
  const spoken = readSpoken(message.content);
  const callIds = callsIn(spoken).map(({ id }) => id);
  const isForeign = spoken.form === "text" ? !hasTextBlocks : spoken.form !== undefined && spoken.form !== form;
  return { isForeign, callIds };
}

/** What the APIs of OpenAI and Anthropic take. */
export const USUAL_CALL_IDS = /^[A-Za-z0-9_-]{1,64}$/;

/** "must be a-z, A-Z, 0-9, with a length of 9" */
export const MISTRAL_CALL_IDS = /^[A-Za-z0-9]{9}$/;

function callsIn({ parts }: Spoken): readonly SpokenCall[] {
  return parts.flat().filter((part) => part.kind === "call");
}

/** For ids that the API would refuse: those with other characters, and those that an earlier call has. */
function newNames(ids: readonly string[], taken: ReadonlySet<string>, allowed: RegExp): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const id of ids) {
    let name = id;
    for (let again = 1; !allowed.test(name) || taken.has(name); again++) name = madeId(id, again);
    if (name !== id) names.set(id, name);
  }
  return names;
}

/** Nine letters and digits, which every API takes. */
function madeId(id: string, number: number): string {
  const digest = createHash("sha256").update(`${number}:${id}`).digest("hex");
  return digest.slice(0, 9);
}

function convertedOnce(
  known: WeakMap<Message, Converted>,
  message: Message,
  renamed: ReadonlyMap<string, string>,
  own: OwnForm,
): Message {
  const names = [...renamed].join("\n");
  const before = known.get(message);
  if (before?.names === names) return before.message;
  const made = message.role === "assistant" ? inOwnBlocks(message, renamed, own) : withNewIds(message, renamed);
  known.set(message, { names, message: made });
  return made;
}

function inOwnBlocks(
  message: Extract<Message, { role: "assistant" }>,
  renamed: ReadonlyMap<string, string>,
  { vendor, toBlocks }: OwnForm,
): Message {
  const parts = readSpoken(message.content).parts.flat();
  const sayable = parts.flatMap((part): readonly SayablePart[] => {
    if (part.kind === "text") return part.text.trim() === "" ? [] : [part];
    if (part.kind === "call") return [{ ...part, id: renamed.get(part.id) ?? part.id }];
    if (part.kind === "reasoning") return [];
    const what =
      part.kind === "other" ? `a "${part.type}" block, which only its own API reads` : `a block that ${part.problem}`;
    throw unsendable(what, vendor);
  });
  return { ...message, content: sayable.length === 0 ? [] : toBlocks(sayable) };
}

function withNewIds(message: Message, renamed: ReadonlyMap<string, string>): Message {
  if (message.role !== "tool") return message;
  const content = message.content.map((result) => ({ ...result, callId: renamed.get(result.callId) ?? result.callId }));
  return { ...message, content };
}

function unsendable(what: string, vendor: string): LLMProcError {
  return new LLMProcError(
    "conversation_invalid",
    `${vendor} cannot be sent this conversation: a message of another provider's model has ${what}. Take that message out, or go on with the provider that it came from.`,
  );
}
