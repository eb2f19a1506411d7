import type { JsonObject } from "../../json.ts";
import { sentSecrets } from "../secrets/secret-values.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Connection } from "./connection.ts";
import { ACCEPTED_CODING } from "./content-coding.ts";
import type { HttpAnswer, HttpPost, HttpTarget } from "./http-post.ts";
import { httpTarget } from "./http-post.ts";
import { answerTimeoutMs, CONNECT_MS } from "./timeouts.ts";
import type { WireRequest } from "./wire-request.ts";

/** Sends requests to a vendor. */
export interface WireClient {
  /** Sends the payload as it is, once. @throws Lost, LLMProcError */
  send(request: WireRequest, way: Way): Promise<HttpAnswer>;
  /** What of all that is sent nobody may read where it comes back. */
  readonly secrets: Secrets;
}

/** How one request goes out. */
export interface Way {
  readonly post: HttpPost;
  readonly connection: Connection;
  /** How long a stream may be silent, in milliseconds. */
  readonly idleTimeoutMs: number;
}

type SentHeaders = Readonly<Record<string, string>>;

export interface WireClientOptions {
  /** Where a request goes to. */
  url(payload: JsonObject): string;
  /** Headers of every request; a later one wins over an earlier one of the same name. */
  readonly headers: readonly SentHeaders[];
  /** Gets headers of its own for each request, before those of the request. @throws Lost, LLMProcError */
  sign?(): Promise<SentHeaders>;
  readonly secrets: Secrets;
}

export function wireClient({ url, headers, sign, secrets }: WireClientOptions): WireClient {
  const base = merged([COMMON, ...headers]);
  const targets = new Map<string, Promise<HttpTarget>>();
  const targetOf = (address: string): Promise<HttpTarget> => {
    let target = targets.get(address);
    if (target === undefined) {
      target = httpTarget(address);
      targets.set(address, target);
    }
    return target;
  };
  return {
    secrets,
    async send({ payload, headers: own }, { post, connection, idleTimeoutMs }) {
      // Where the reply is to stream, the answer begins before it: silence is silence from the request on.
      const limitMs = payload.stream === true ? idleTimeoutMs : answerTimeoutMs(idleTimeoutMs);
      const target = await targetOf(url(payload));
      if (sign !== undefined) connection.waitFor(limitMs);
      const signed = sign && (await post.race(sign()));
      if (signed !== undefined) secrets.noteValues(sentSecrets(new Headers(signed)));
      const isUsual = signed === undefined && Object.keys(own).length === 0;
      const sent = isUsual ? base : merged([COMMON, signed ?? {}, ...headers, own]);
      connection.waitFor(Math.min(limitMs, CONNECT_MS));
      return post.send(target, sent, JSON.stringify(payload), () => connection.waitFor(limitMs));
    },
  };
}

/** The header with a key. */
export function bearer(key: string): SentHeaders {
  return { authorization: `Bearer ${key}` };
}

/** Who asks. A test holds it to the package's version. */
const USER_AGENT = "llmproc/0.1.0";

const COMMON: SentHeaders = {
  accept: "application/json",
  "accept-encoding": ACCEPTED_CODING,
  "content-type": "application/json",
  "user-agent": USER_AGENT,
};

function merged(lists: readonly SentHeaders[]): SentHeaders {
  const all = lists.flatMap((headers) => Object.entries(headers));
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
}
