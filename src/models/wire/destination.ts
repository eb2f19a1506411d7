import type { BaseURL } from "./base-url.ts";
import { checkedHeaders } from "./headers.ts";

/** Where a model's requests go; without a place, what sends them knows it. */
export interface Destination<Place extends BaseURL | undefined = BaseURL> {
  readonly place: Place;
  /** All that go with every request, checked. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Addressed {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws LLMProcError `program_invalid` for a header that cannot be sent */
export function destination<Place extends BaseURL | undefined>(
  place: Place,
  { name, headers = {} }: Addressed,
): Destination<Place> {
  const own = checkedHeaders(headers, `the headers of the model "${name}"`);
  return { place, headers: { ...place?.headers, ...own } };
}
