/** What a tool call came to, exactly as the model reads it. */
export interface ToolResult {
  /** Text; what a tool returned that is not a string stands here as JSON. */
  readonly content: string;
  readonly isError: boolean;
}
