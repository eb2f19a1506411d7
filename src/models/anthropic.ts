import { LLMProcError } from "../errors.ts";
import type { Model } from "../process/model.ts";
import { ModelError } from "../process/model.ts";
import { readAnthropicAnswer } from "./anthropic-answer.ts";
import { AnthropicConnection } from "./anthropic-connection.ts";
import { anthropicError, withoutSecrets } from "./anthropic-error.ts";
import { anthropicReply } from "./anthropic-reply.ts";
import { anthropicRequests, checkedHeaders } from "./anthropic-request.ts";

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
  /** How long a stream may be silent, in milliseconds, before the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

/**
 * A model of Anthropic's, through the vendor's SDK (Messages API), which is loaded at the first request. It streams,
 * unless the parameters say `stream = false`, and never retries. `max_tokens` is 8192 where the parameters have none.
 * @throws LLMProcError `program_invalid` for a base URL or header that cannot be used
 */
export function anthropic(options: AnthropicOptions): Model {
  const { name, baseURL = "https://api.anthropic.com", automaticCaching = true, idleTimeoutMs = 60_000 } = options;
  const headers = checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`);
  if (!URL.canParse(baseURL))
    throw new LLMProcError("program_invalid", `The base URL of the model "${name}" is not a URL.`);
  const toRequest = anthropicRequests({ name, automaticCaching });
  let client: Promise<Client> | undefined;

  return Object.freeze<Model>({
    provider: "anthropic",
    name,
    async send(conversation, io) {
      io.signal.throwIfAborted();
      const request = toRequest(conversation);
      client ??= connect(apiKeyOf(options), baseURL, headers);
      const { api, sdk, rawEvents, apiKey } = await client;
      io.signal.throwIfAborted();
      await io.beforeSend(request.payload);
      io.signal.throwIfAborted();
      const connection = new AnthropicConnection(io.signal);
      const secrets = [apiKey, ...secretsIn({ ...headers, ...request.headers })];
      const toError = (thrown: unknown) => anthropicError(thrown, sdk, connection);
      connection.waitFor(ANSWER_TIMEOUT_MS);
      try {
        // `post` and not `messages.create`: that takes some keys out of the body, and writes to the console.
        const response = await api
          .post("/v1/messages", {
            body: request.payload,
            headers: request.headers,
            signal: connection.controller.signal,
          })
          .asResponse()
          .catch((thrown: unknown) => {
            throw toError(thrown);
          });
        const onText = (text: string) => io.onText(text);
        const answer = await readAnthropicAnswer(response, { connection, rawEvents, onText, idleTimeoutMs, toError });
        return anthropicReply(answer);
      } catch (error) {
        throw error instanceof ModelError ? withoutSecrets(error, secrets) : error;
      } finally {
        connection.close();
      }
    },
  });
}

/** Until the answer begins; for one that is not streamed, until it is whole. The SDK's own limit. */
const ANSWER_TIMEOUT_MS = 600_000;

type Client = Awaited<ReturnType<typeof connect>>;

/** Every setting is given, so that no variable of the environment but the key has a say; `off` keeps it silent. */
async function connect(apiKey: string, baseURL: string, defaultHeaders: Record<string, string>) {
  const [{ Anthropic }, { Stream }] = await Promise.all([
    import("@anthropic-ai/sdk"),
    import("@anthropic-ai/sdk/core/streaming"),
  ]);
  const api = new Anthropic({
    apiKey,
    baseURL,
    defaultHeaders,
    maxRetries: 0,
    timeout: ANSWER_TIMEOUT_MS,
    logLevel: "off",
    openTelemetry: false,
  });
  const rawEvents: typeof Stream.rawEvents = (response, controller) => Stream.rawEvents(response, controller);
  return { api, sdk: Anthropic, rawEvents, apiKey };
}

function apiKeyOf({ name, apiKey, apiKeyEnv = "ANTHROPIC_API_KEY" }: AnthropicOptions): string {
  const key = (apiKey ?? process.env[apiKeyEnv] ?? "").trim();
  if (key === "") {
    const message = `There is no API key for the model "${name}". Set the environment variable ${apiKeyEnv}, or give the model an apiKey.`;
    throw new LLMProcError("model_unavailable", message);
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new LLMProcError("model_unavailable", `The API key for the model "${name}" has characters that no key has.`);
  }
  return key;
}

function secretsIn(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(headers)
    .filter(([header, value]) => /auth|key|token|secret|cookie/i.test(header) && value.trim() !== "")
    .map(([, value]) => value.trim());
}
