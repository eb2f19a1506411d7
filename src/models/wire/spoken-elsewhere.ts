import { createHash } from "node:crypto";
import { LLMProcError } from "../../errors.ts";
import type { Message, ToolReply } from "../../events/message.ts";
import type { JsonObject } from "../../json.ts";
import type { BlockForm, SpokenCall } from "../../process/talk/spoken.ts";
import { readSpoken } from "../../process/talk/spoken.ts";

/** How an API writes down what a model of another one said. */
export interface OwnForm {
  readonly form: BlockForm;
  /** Whether blocks of text are its own form, too. */
  readonly hasTextBlocks: boolean;
  /** For errors. */
  readonly vendor: string;
  /** The ids of calls that it takes. */
  readonly callIds: RegExp;
  /** Its own blocks for these texts and calls, in their order. */
  toBlocks(parts: readonly SayablePart[]): readonly JsonObject[];
  /** A block of its own with another id and another name for each of its calls. */
  renamed(block: JsonObject, renames: Renames): JsonObject;
  /**
   * Calls in its own form keep their ids. Where an API is strict, they do not: it refuses ids of other servers that speak
   * like it, and those that come again.
   */
  readonly keepsOwnIds: boolean;
}

/** What every API can be told that a model said. */
export type SayablePart = { readonly kind: "text"; readonly text: string } | SpokenCall;

/** What stands for the id of a call, and for the name of a tool. */
export interface Renames {
  readonly id: (callId: string) => string;
  readonly name: (toolName: string) => string;
}

/**
 * Returns a function that puts a conversation which (in parts) another provider's model has led into blocks of this
 * one's: texts and calls are converted, and the results of those calls with them. Names of tools that no API takes are
 * converted whoever said them. Reasoning stays behind, for only who
 * thought it can read it. A conversation of its own is returned as it is; each message is converted once.
 * @throws LLMProcError `conversation_invalid` for a block that cannot be converted, by its name
 */
export function inOwnForm(own: OwnForm): (messages: readonly Message[]) => readonly Message[] {
  const read = new WeakMap<Message, Said>();
  const made = new WeakMap<Message, Made>();
  const convert = (message: Message, isForeign: boolean, names: Names): Message => {
    const key = [...names].join("\n");
    const before = made.get(message);
    if (before?.names === key) return before.message;
    const renames: Renames = { id: (id) => names.get(id) ?? id, name: usualToolName };
    const converted = convertedMessage(message, isForeign, renames, own);
    made.set(message, { names: key, message: converted });
    return converted;
  };
  return (messages) => {
    const taken = new Set<string>();
    const renamings = new Map<string, number>();
    let names = SAME;
    let hasOddNames = false;
    let isChanged = false;
    const list = messages.map((message) => {
      if (message.role === "user") return message;
      let isForeign = false;
      if (message.role === "assistant") {
        const said = read.get(message) ?? readMessage(message, own);
        read.set(message, said);
        ({ isForeign, hasOddNames } = said);
        names = isForeign || !own.keepsOwnIds ? newNames(said, own.callIds, { taken, renamings }) : SAME;
        for (const id of said.callIds) taken.add(names.get(id) ?? id);
      }
      if (!isForeign && !hasOddNames && names.size === 0) return message;
      isChanged = true;
      return convert(message, isForeign, names);
    });
    return isChanged ? list : messages;
  };
}

/** What Messages and Responses take. */
export const USUAL_CALL_IDS = /^[A-Za-z0-9_-]{1,64}$/;

/** "string too long. Expected a string with maximum length 40" */
export const SHORT_CALL_IDS = /^[A-Za-z0-9_-]{1,40}$/;

/** "must be a-z, A-Z, 0-9, with a length of 9" */
export const MISTRAL_CALL_IDS = /^[A-Za-z0-9]{9}$/;

/** The new ids of calls, by those that they had. */
type Names = ReadonlyMap<string, string>;

interface Said {
  readonly isForeign: boolean;
  readonly callIds: readonly string[];
  /** Of tools. */
  readonly hasOddNames: boolean;
  /** New ids that were made for its calls: the next request has the same message in it. */
  readonly newIds: Map<string, string>;
}

interface Made {
  /** What its calls were called, to see whether it still holds. */
  readonly names: string;
  readonly message: Message;
}

const SAME: Names = new Map();

function readMessage({ content }: AssistantMessage, { form, hasTextBlocks }: OwnForm): Said {
  const spoken = readSpoken(content);
  const calls = spoken.parts.flat().filter((part) => part.kind === "call");
  // An interrupted message has only its text.
  const isText = spoken.form === "text" && content.length > 0;
  const isForeign = isText
    ? !hasTextBlocks
    : spoken.form !== undefined && spoken.form !== "text" && spoken.form !== form;
  const hasOddNames = calls.some(({ name }) => usualToolName(name) !== name);
  return { isForeign, callIds: calls.map(({ id }) => id), hasOddNames, newIds: new Map() };
}

type AssistantMessage = Extract<Message, { role: "assistant" }>;

/** What the messages before have. */
interface Earlier {
  readonly taken: ReadonlySet<string>;
  /** How often an id has got a new one: some servers give the same to every call. */
  readonly renamings: Map<string, number>;
}

/** For ids that the API would refuse: those with other characters, and those that an earlier call has. */
function newNames({ callIds, newIds }: Said, allowed: RegExp, { taken, renamings }: Earlier): Names {
  const fits = (name: string) => allowed.test(name) && !taken.has(name);
  let names: Map<string, string> | undefined;
  for (const id of callIds) {
    if (fits(id)) continue;
    const number = (renamings.get(id) ?? 0) + 1;
    renamings.set(id, number);
    let name = newIds.get(id) ?? madeId(id, number);
    for (let again = number; !fits(name); again++) name = madeId(id, again);
    newIds.set(id, name);
    names ??= new Map();
    names.set(id, name);
  }
  return names ?? SAME;
}

/** Nine letters and digits, which every API takes; the same in each request. */
function madeId(id: string, number: number): string {
  return createHash("sha256").update(`${number}:${id}`).digest("hex").slice(0, 9);
}

function convertedMessage(message: Message, isForeign: boolean, renames: Renames, own: OwnForm): Message {
  switch (message.role) {
    case "user":
      return message;
    case "tool":
      return { ...message, content: message.content.map((result) => renamedResult(result, renames)) };
    case "assistant":
      if (isForeign) return inOwnBlocks(message, renames, own);
      return { ...message, content: message.content.map((block) => own.renamed(block, renames)) };
  }
}

function renamedResult(result: ToolReply, { id, name }: Renames): ToolReply {
  return { ...result, callId: id(result.callId), toolName: name(result.toolName) };
}

function inOwnBlocks(message: AssistantMessage, { id, name }: Renames, { vendor, toBlocks }: OwnForm): Message {
  const parts = readSpoken(message.content).parts.flat();
  const sayable = parts.flatMap((part): readonly SayablePart[] => {
    if (part.kind === "text") return part.text.trim() === "" ? [] : [part];
    if (part.kind === "call") return [{ ...part, id: id(part.id), name: name(part.name) }];
    if (part.kind === "reasoning") return [];
    const what =
      part.kind === "other" ? `a "${part.type}" block, which only its own API reads` : `a block that ${part.problem}`;
    throw new LLMProcError(
      "conversation_invalid",
      `${vendor} cannot be sent this conversation: a message of another provider's model has ${what}. Take that message out, or go on with the provider that it came from.`,
    );
  });
  return { ...message, content: sayable.length === 0 ? [] : toBlocks(sayable) };
}

/**
 * A name that every API takes for a tool that a model has called by another: the same for the same name, and for no other.
 * The name itself where it is such a one.
 */
function usualToolName(name: string): string {
  if (USUAL_TOOL_NAME.test(name)) return name;
  const readable = name.replace(/[^a-zA-Z0-9_-]+/g, "_").replace(/^(?![a-zA-Z_])/, "_");
  const own = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${readable.slice(0, LONGEST_TOOL_NAME - own.length - 1)}_${own}`;
}

const LONGEST_TOOL_NAME = 64;
const USUAL_TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
