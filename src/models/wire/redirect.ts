/**
 * Where a redirect points to, to be shown: without user, password and query, which may be secret, and without what a
 * request has that is. It is looked for before, too: what escapes a character in the header is a folder in the address.
 * Redirects are not followed: what was meant for one server, key and conversation, is for no other.
 */
export function redirectAddress(
  location: string | null,
  from: string | undefined,
  hide: (text: string) => string,
): string | undefined {
  const given = location === null ? undefined : hide(location);
  if (given === undefined || !URL.canParse(given, from)) return undefined;
  const { origin, pathname, search } = new URL(given, from);
  return origin === "null" ? undefined : hide(`${origin}${pathname}${search === "" ? "" : "?…"}`);
}

/** Whether a status sends the request to another place. */
export function sendsElsewhere(status: number): boolean {
  return status >= 300 && status <= 399;
}

/** What to do, as a sentence. */
export function elsewhereAdvice(status: number, address: string | undefined): string {
  if (status === NOT_MODIFIED) {
    return "That says to take what was answered before, and no request asks for that: check the address, and what stands before the server.";
  }
  return address === undefined
    ? "Redirects are not followed: check the address."
    : `It points to ${address}. Redirects are not followed: if you trust that address, put it in base_url (baseURL in code).`;
}

/** It sends to a cache. */
const NOT_MODIFIED = 304;
