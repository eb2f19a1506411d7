import { describe, expect, test } from "vitest";
import { byteByByteFaults, cutFaults, everyByte, someBytes, WAYS } from "./cuts.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Of the bytes within an event, where one cut is like another; `npm run soak` tries every byte in every way. */
const STEP = 9;
/** Silence costs time: fewer. */
const STEP_OF_SILENCE = 61;

/** Cuts a format's stream at every byte, in other ways around every event. */
export function cutSuite(format: StreamFormat): void {
  describe(`${format.name}: a stream of ${everyByte(format).length} bytes`, () => {
    for (const way of WAYS) {
      const isEvery = way === WAYS[0];
      test(`cut ${isEvery ? "at every byte" : "around every event"}: ${way.name}`, { timeout: 120_000 }, async () => {
        const step = way.ending === "stall" ? STEP_OF_SILENCE : STEP;
        expect(await cutFaults(format, way, isEvery ? everyByte(format) : someBytes(format, step))).toEqual([]);
      });
    }

    test("that comes one byte at a time is the same reply", async () => {
      expect(await byteByByteFaults(format)).toEqual([]);
    });
  });
}
