export interface OpenAIOptions {
  /** The model's id, as in the vendor's list. (https://platform.openai.com/docs/models) */
  readonly name: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /** @default "OPENAI_API_KEY" */
  readonly apiKeyEnv?: string;
  /** @default "https://api.openai.com/v1" */
  readonly baseURL?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}
