import { expect, test } from "vitest";
import { connectionFault } from "../../src/models/wire/connection-fault.ts";

const ADDRESS = "https://host/v1";
const OPTIONS = { address: ADDRESS, hide: (text: string) => text };

function failure(code: string): Error {
  return Object.assign(new Error(`it failed ${code}`), { code });
}

test("a certificate that is not trusted stays so", () => {
  const codes = ["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"];
  for (const code of [...codes, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]) {
    expect(connectionFault(failure(code), OPTIONS)).toMatchObject({
      isLasting: true,
      advice: `Node does not trust the server's certificate. Check the address ${ADDRESS}.`,
    });
  }
});

test("what may pass is tried again: nobody there yet, a line that broke, anything unknown", () => {
  for (const code of ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]) {
    const advice = `Check the address ${ADDRESS}, and that its server runs.`;
    expect(connectionFault(failure(code), OPTIONS)).toEqual({ said: `it failed ${code}`, advice, isLasting: false });
  }
  for (const cause of [failure("ECONNRESET"), new Error("terminated"), undefined, null, "text"]) {
    expect(connectionFault(cause, OPTIONS)).toMatchObject({ advice: undefined, isLasting: false });
  }
});
