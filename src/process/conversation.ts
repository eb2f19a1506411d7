import type { Message } from "../events/message.ts";
import type { JsonObject } from "../json.ts";
import type { History } from "./history.ts";
import type { Conversation, ToolDescription } from "./model.ts";
import type { ProcessState } from "./process-state.ts";

/** What a process sends, as it stands now; the list of messages is made when a model asks for it. */
export class CurrentConversation implements Conversation {
  readonly system: string;
  readonly tools: readonly ToolDescription[];
  readonly parameters: JsonObject;
  readonly depth: number;
  readonly #history: History;

  constructor({ program, history, depth, toolDescriptions }: ProcessState) {
    this.system = program.systemPrompt;
    this.tools = toolDescriptions;
    this.parameters = program.parameters;
    this.depth = depth;
    this.#history = history.fork();
  }

  get messages(): readonly Message[] {
    return this.#history.messages;
  }
}
