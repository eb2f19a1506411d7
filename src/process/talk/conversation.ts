import type { Message } from "../../events/message.ts";
import type { JsonObject } from "../../json.ts";
import type { Conversation, ToolDescription } from "../contract/model.ts";
import type { ProcessProgram } from "../contract/process-program.ts";
import type { Tools } from "../contract/toolbox.ts";
import type { History } from "./history.ts";

/** Who sends it. */
interface Speaker {
  readonly program: ProcessProgram;
  readonly history: History;
  readonly depth: number;
  readonly tools: Tools;
}

/** What a process sends, as it stands now; the list of messages is made when a model asks for it. */
export class CurrentConversation implements Conversation {
  readonly system: string;
  readonly tools: readonly ToolDescription[];
  readonly parameters: JsonObject;
  readonly depth: number;
  readonly #history: History;

  constructor({ program, history, depth, tools }: Speaker) {
    this.system = program.systemPrompt;
    this.tools = tools.descriptions;
    this.parameters = program.parameters;
    this.depth = depth;
    this.#history = history.fork();
  }

  get messages(): readonly Message[] {
    return this.#history.messages;
  }
}
