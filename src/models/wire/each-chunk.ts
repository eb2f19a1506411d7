import type { Readable } from "node:stream";
import { Lost } from "./lost.ts";

/**
 * Hands on the text of a body as it comes; where `take` returns a promise, nothing more comes before it has settled.
 * Resolves at the end of the body.
 * @throws Lost if the body breaks off; what `take` throws, as it is, and the rest of the body is not even read
 */
export function eachChunk(body: Readable, take: (text: string) => void | Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let isTaking = false;
    let settle: (() => void) | undefined;
    const end = (how: () => void) => {
      settle ??= how;
      if (!isTaking) settle();
    };
    const fail = (thrown: unknown) => {
      settle = () => reject(thrown);
      settle();
      body.destroy();
    };
    const goOn = () => {
      isTaking = false;
      if (settle === undefined) body.resume();
      else settle();
    };
    if (body.destroyed) end(() => reject(new Lost(body.errored ?? BROKEN())));
    body.setEncoding("utf8");
    body.on("data", (text: string) => {
      if (settle !== undefined) return;
      try {
        const taking = take(text);
        if (taking === undefined) return;
        isTaking = true;
        body.pause();
        taking.then(goOn, fail);
      } catch (thrown) {
        fail(thrown);
      }
    });
    body.on("end", () => end(resolve));
    body.on("error", (error) => end(() => reject(new Lost(error))));
    body.on("close", () => end(() => reject(new Lost(BROKEN()))));
  });
}

const BROKEN = () => new Error("the answer broke off");
