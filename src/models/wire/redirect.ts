/**
 * Where a redirect points to, to be shown: without user, password and query, which may be secret. Redirects are not
 * followed: what was meant for one server, key and conversation, is for no other.
 */
export function redirectAddress(location: string | null, from: string): string | undefined {
  if (location === null || !URL.canParse(location, from)) return undefined;
  const { origin, pathname, search } = new URL(location, from);
  return origin === "null" ? undefined : `${origin}${pathname}${search === "" ? "" : "?…"}`;
}

export function isRedirect(status: number): boolean {
  return status >= 300 && status <= 399;
}

/** What to do, as a sentence. */
export function redirectAdvice(address: string | undefined): string {
  return address === undefined
    ? "Redirects are not followed: check the address."
    : `It points to ${address}. Redirects are not followed: if you trust that address, put it in base_url (baseURL in code).`;
}
