export interface AnthropicOptions {
  /** The model's id, as in the vendor's list. (https://platform.claude.com/docs/en/about-claude/models) */
  readonly name: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /** @default "ANTHROPIC_API_KEY" */
  readonly apiKeyEnv?: string;
  /** @default "https://api.anthropic.com" */
  readonly baseURL?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Lets the vendor cache each request up to its end (`cache_control` at the top of the body), so that the next
   * turn or fork reads it at a fraction of the price. Writing costs a quarter more than plain input.
   * (https://platform.claude.com/docs/en/build-with-claude/prompt-caching)
   * @default true
   */
  readonly automaticCaching?: boolean;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}
