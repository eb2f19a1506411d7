import { sentSecrets } from "./secret-values.ts";
import type { Secrets } from "./secrets.ts";

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

/**
 * `fetch` for a vendor's SDK. It takes note of the secrets that go out, wherever they came from. An answer with a status
 * that says no is thrown with its whole body, for the SDKs keep only what their own vendor sends; they wrap it as the
 * `cause` of an error of the connection.
 */
export function wireFetch(secrets: Secrets): typeof fetch {
  return async (input, init) => {
    secrets.noteValues(sentSecrets(new Headers(init?.headers)));
    const response = await fetch(input, init);
    if (response.ok) return response;
    // The status holds, also where the body breaks off: a wrong key is not to be tried again.
    const body = await response.text().catch(() => "");
    throw new StatusAnswer(response.status, response.headers, body);
  };
}
