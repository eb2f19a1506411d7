import { describe, expect, test } from "vitest";
import { aroundEvents, byteByByteFaults, cutFaults, WAYS } from "./cuts.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Cuts a format's stream around every event in every way; `npm run soak` does it at every byte. */
export function cutSuite(format: StreamFormat): void {
  describe(`${format.name}: a stream of ${format.stream.length} events`, () => {
    for (const [place, way] of WAYS.entries()) {
      test(`cut around every event: ${way.name}`, async () => {
        // One way at all the places where something may change, the others where it does.
        expect(await cutFaults(format, way, aroundEvents(format, place === 0 ? [-1, 0, 1] : [0]))).toEqual([]);
      });
    }

    test("that comes one byte at a time is the same reply", async () => {
      expect(await byteByByteFaults(format)).toEqual([]);
    });
  });
}
