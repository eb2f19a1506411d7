import { errorText } from "../../text/error-text.ts";
import { oneLine } from "./error-body.ts";

/** Why nothing came of a connection, for people. */
export interface ConnectionFault {
  /** What happened, without a full stop. */
  readonly said: string;
  /** What to do, as sentences; undefined where waiting is all that can be done. */
  readonly advice: string | undefined;
  /** The next attempt would fail in the same way. */
  readonly isLasting: boolean;
}

/** Of an error of ours: nobody was there to speak to within the time for that. */
export const NO_CONNECTION = "ERR_NO_CONNECTION";

export interface ConnectionFaultOptions {
  /** What to check: the base URL, without secrets. */
  readonly address: string;
  /** Takes out what nobody may read. */
  hide(text: string): string;
}

export function connectionFault(cause: unknown, { address, hide }: ConnectionFaultOptions): ConnectionFault {
  // A border post: any object may be asked for its code.
  const code = String(((cause ?? {}) as { code?: unknown }).code);
  const said = oneLine(hide(errorText(cause))).replace(/\.$/, "");
  const check = `Check the address ${address}`;
  if (UNREACHED.has(code)) return { said, advice: `${check}, and that its server runs.`, isLasting: false };
  const tls = tlsFault(code, said);
  if (tls !== undefined) {
    const advice = `Is it http:// and not https://? ${check}.`;
    return { said: `the server does not speak TLS as expected (${tls})`, advice, isLasting: true };
  }
  if (code === "HPE_INVALID_CONSTANT") {
    const advice = `Is it https:// and not http://? ${check}.`;
    return { said: `the server does not speak HTTP as expected (${code})`, advice, isLasting: true };
  }
  if (/CERT/.test(code) || CERTIFICATE.has(code)) {
    return { said, advice: `Node does not trust the server's certificate. ${check}.`, isLasting: true };
  }
  if (said === "bad port") {
    return { said, advice: `Node's fetch refuses to connect to this port. ${check}.`, isLasting: true };
  }
  return { said, advice: undefined, isLasting: false };
}

/** Its code; undefined for what is none. OpenSSL's own text begins with the number of a thread, which looks like a status. */
function tlsFault(code: string, said: string): string | undefined {
  if (code.startsWith("ERR_SSL_")) return code;
  const [, reason] = (code === "EPROTO" && /:SSL routines:[^:]*:([^:]+):/.exec(said)) || [];
  return reason && `ERR_SSL_${reason.toUpperCase().replaceAll(/\W+/g, "_")}`;
}

/** Nobody is there, or nobody of that name. */
const UNREACHED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  NO_CONNECTION,
]);

/** Those of Node's codes for a certificate in which no CERT is. */
const CERTIFICATE: ReadonlySet<string> = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "HOSTNAME_MISMATCH",
]);
