import { secretsIn } from "./secrets.ts";

/** An answer with a status that says no. */
export class StatusAnswer extends Error {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;

  constructor(status: number, headers: Headers, body: string) {
    super(`status ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

export interface WireFetch {
  readonly fetch: typeof fetch;
  /** What is known or was sent to open doors: keys, tokens, passwords. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * `fetch` for a vendor's SDK. It takes note of the secrets that go out, wherever they came from. An answer with a status
 * that says no is thrown with its whole body, for the SDKs keep only what their own vendor sends; they wrap it as the
 * `cause` of an error of the connection.
 */
export function wireFetch(known: readonly string[] = []): WireFetch {
  const secrets = new Set(known);
  return {
    secrets,
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input);
      for (const secret of secretsIn(url, new Headers(init?.headers))) secrets.add(secret);
      // Tokens are renewed now and then: the oldest are of no use to anybody.
      for (const secret of secrets) if (secrets.size > MOST_SECRETS) secrets.delete(secret);
      const response = await fetch(input, init);
      if (response.ok) return response;
      // The status holds, also where the body breaks off: a wrong key is not to be tried again.
      const body = await response.text().catch(() => "");
      throw new StatusAnswer(response.status, response.headers, body);
    },
  };
}

const MOST_SECRETS = 100;
