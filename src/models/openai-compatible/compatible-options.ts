export interface OpenAICompatibleOptions {
  /** The server's name of the model. */
  readonly name: string;
  /** Where the API is, most often up to `/v1`: `"http://localhost:11434/v1"`. A user name and password are sent as such. */
  readonly baseURL: string;
  /** @default the environment variable `apiKeyEnv`, read at the first request */
  readonly apiKey?: string;
  /**
   * @default that of the vendor, for some known hosts (`"OPENROUTER_API_KEY"` for openrouter.ai); no key goes to others
   */
  readonly apiKeyEnv?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a model's reasoning goes back to it with the next request. @default true, but for hosts that refuse it */
  readonly sendReasoning?: boolean;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}
