import type { ContextChange } from "./context-change.ts";
import type { Facts } from "./facts.ts";
import type { Message, Prompt } from "./message.ts";

/** A conversation as records tell it: what is said in a turn is kept at its end. */
export class FoldedConversation {
  /** The message of the turn under way. */
  message: Message | undefined;
  readonly #messages: Message[];
  /** Made when asked for, and the same list until the conversation changes. */
  #view: readonly Message[] | undefined;
  /** Of a run that has no turn yet. */
  #prompt: Prompt | undefined;
  /** How many there were before the prompt that is being answered. */
  #before = 0;

  constructor(messages: readonly Message[]) {
    this.#messages = [...messages];
  }

  get messages(): readonly Message[] {
    this.#view ??= Object.freeze([...this.#messages]);
    return this.#view;
  }

  begin(prompt: Prompt): void {
    this.#before = this.#messages.length;
    this.#prompt = prompt;
  }

  /** The prompt stands in the conversation once no guard has refused the run. */
  beginTurn(): void {
    const prompt = this.#prompt;
    if (prompt === undefined) return;
    this.#prompt = undefined;
    this.#add({ role: "user", content: typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt });
  }

  endTurn({ results }: Pick<Facts, "results">): void {
    if (this.message !== undefined) this.#add(this.message);
    if (results !== undefined) this.#add({ role: "tool", content: results });
    this.message = undefined;
  }

  change({ from, removed, added }: ContextChange): void {
    this.#messages.splice(from, removed, ...added);
    this.#view = undefined;
  }

  /** A prompt without a reply leaves the conversation. */
  end(): void {
    this.#prompt = undefined;
    if (this.#messages.length !== this.#before + 1) return;
    this.#messages.length = this.#before;
    this.#view = undefined;
  }

  #add(message: Message): void {
    this.#messages.push(message);
    this.#view = undefined;
  }
}
