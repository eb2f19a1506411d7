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
 * `fetch` for the vendors' SDKs. An answer with a status that says no is thrown with its whole body: the SDKs keep
 * only what their own vendor sends. They wrap it as the `cause` of an error of the connection.
 */
export const wireFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.ok) return response;
  // The status holds, also where the body breaks off: a wrong key is not to be tried again.
  const body = await response.text().catch(() => "");
  throw new StatusAnswer(response.status, response.headers, body);
};
