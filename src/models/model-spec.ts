import type { ScriptedReply } from "./script.ts";

/** A model as a program names it. */
export interface ModelSpec {
  /** `"anthropic"`, … */
  readonly provider: string;
  /** The provider's id of the model; a scripted one needs none. */
  readonly name?: string;
  /** @default the vendor's; `openai_compatible` has none */
  readonly baseUrl?: string;
  /** The environment variable with the API key. @default the vendor's own */
  readonly apiKeyEnv?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may be silent, in milliseconds. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** Of a cloud project. */
  readonly projectId?: string;
  readonly region?: string;
  /** Whether reasoning goes back to the server. @default true, but for hosts that refuse it */
  readonly sendReasoning?: boolean;
  /** Does not ask the vendor to cache. @default false */
  readonly disableAutomaticCaching?: boolean;
  /** What a scripted model says; `childReplies` what its forks and children do, who take from the same list without it. */
  readonly replies?: readonly ScriptedReply[];
  readonly childReplies?: readonly ScriptedReply[];
  /** A scripted model starts over at the end. @default false */
  readonly repeat?: boolean;
}
