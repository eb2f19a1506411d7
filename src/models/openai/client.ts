import type { ClientOptions } from "openai";
import { Secrets } from "../wire/secrets.ts";
import { wireFetch } from "../wire/wire-fetch.ts";
import type { WireClient } from "../wire/wire-model.ts";
import { ANSWER_TIMEOUT_MS } from "../wire/wire-model.ts";

export interface OpenAIClientOptions {
  /** Without one, no `authorization` is sent but that of `headers`. */
  readonly apiKey: string | undefined;
  readonly baseURL: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the endpoint, behind the base URL. */
  readonly path: string;
}

/** OpenAI's SDK. Every setting is given, so that no variable of the environment has a say; `off` keeps it silent. */
export async function connectOpenAI(options: OpenAIClientOptions): Promise<WireClient> {
  const { OpenAI } = await import("openai");
  class Client extends OpenAI {
    constructor(settings: ClientOptions) {
      super(settings);
      // It takes headers from OPENAI_CUSTOM_HEADERS, whatever it is given.
      this._options.defaultHeaders = settings.defaultHeaders;
    }
  }
  const { apiKey, baseURL, headers, path } = options;
  const secrets = new Secrets({ keys: apiKey === undefined ? [] : [apiKey], headers, url: baseURL });
  const api = new Client({
    // It wants a key; what is not to be sent is taken out again.
    apiKey: apiKey ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL,
    defaultHeaders: { ...(apiKey === undefined && { Authorization: null }), ...headers },
    fetch: wireFetch(secrets),
    maxRetries: 0,
    timeout: ANSWER_TIMEOUT_MS,
    logLevel: "off",
  });
  return {
    // `post` and not `create`: what goes in is what is sent.
    post: (request, signal) => api.post(path, { body: request.payload, headers: request.headers, signal }).asResponse(),
    secrets,
  };
}
