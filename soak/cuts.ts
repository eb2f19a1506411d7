import { anthropicStream } from "../test/streams/anthropic-stream.ts";
import { chatStream } from "../test/streams/chat-stream.ts";
import { cutFaults, everyByte, WAYS } from "../test/streams/cuts.ts";
import { responsesStream } from "../test/streams/responses-stream.ts";
import type { Part } from "./part.ts";

/** With so many turns, each way is tried at every byte; with fewer, all ways but the first at every second, third … */
const TURNS_FOR_ALL = 100_000;

/** The stream of each wire format, cut at every byte in every way; the seed says where one begins to count. */
export const cuts: Part = {
  name: "cuts",
  async run({ turns, seed, only, report }) {
    const problems: string[] = [];
    const step = Math.ceil(TURNS_FOR_ALL / turns);
    for (const format of [anthropicStream, chatStream, responsesStream]) {
      for (const [place, way] of WAYS.entries()) {
        const isChosen = (offset: number) => place === 0 || (offset + seed) % step === 0;
        const offsets = only === undefined ? everyByte(format).filter(isChosen) : [only];
        const faults = await cutFaults(format, way, offsets);
        problems.push(...faults.map((fault) => `${format.name}, ${way.name}, ${fault} (--only names the byte)`));
        report(`${format.name}: ${offsets.length} cuts, ${way.name}`);
      }
    }
    return problems;
  },
};
