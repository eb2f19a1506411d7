import type { JsonObject } from "../json.ts";
import type { ToolResult } from "./tool-result.ts";

/** A part of a prompt. `data` is base64. */
export type PromptBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; readonly data: string }
  | { readonly type: "image"; readonly url: string }
  | { readonly type: "file"; readonly mediaType: string; readonly data: string; readonly name?: string };

/** What `run()` takes: plain text, or blocks. */
export type Prompt = string | readonly PromptBlock[];

/** The answer to one tool call, as it stands in the conversation. */
export interface ToolReply extends ToolResult {
  readonly callId: string;
  readonly toolName: string;
}

/**
 * One message of a conversation, frozen. What a model said stays in its provider's own blocks, so that nothing
 * of it (thinking signatures, cache marks) is lost when it is sent back.
 */
export type Message =
  | { readonly role: "user"; readonly content: readonly PromptBlock[] }
  | {
      readonly role: "assistant";
      /** The provider's own blocks; empty if the stream broke and only `text` arrived. */
      readonly content: readonly JsonObject[];
      /** All text of the message, joined. */
      readonly text: string;
      /** The stream broke, or the run was aborted, before the message was whole. */
      readonly interrupted?: true;
    }
  | { readonly role: "tool"; readonly content: readonly ToolReply[] };
