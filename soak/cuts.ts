import { anthropicStream } from "../test/streams/anthropic-stream.ts";
import { chatStream } from "../test/streams/chat-stream.ts";
import { cutFaults, everyByte, WAYS } from "../test/streams/cuts.ts";
import { responsesStream } from "../test/streams/responses-stream.ts";
import type { Part } from "./part.ts";

/** The stream of each wire format, cut at every byte in every way; turns and seed have no say in it. */
export const cuts: Part = {
  name: "cuts",
  async run({ report, only }) {
    const problems: string[] = [];
    for (const format of [anthropicStream, chatStream, responsesStream]) {
      for (const way of WAYS) {
        const offsets = only === undefined ? everyByte(format) : [only];
        const faults = await cutFaults(format, way, offsets);
        problems.push(...faults.map((fault) => `${format.name}, ${way.name}, ${fault} (--only names the byte)`));
        report(`${format.name}: ${offsets.length} cuts, ${way.name}`);
      }
    }
    return problems;
  },
};
