import { LLMProcError } from "../errors.ts";

/** A built-in tool could not do what it was asked. The model reads the message. */
export class ToolFailure extends LLMProcError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("tool_failed", message, options);
  }
}
