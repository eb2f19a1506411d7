import { anthropicStream } from "../test/streams/anthropic-stream.ts";
import { chatStream } from "../test/streams/chat-stream.ts";
import { withCutServer } from "../test/streams/cut-server.ts";
import { damageFaults } from "../test/streams/damage-suite.ts";
import { responsesStream } from "../test/streams/responses-stream.ts";
import type { Part } from "./part.ts";

const FORMATS = [anthropicStream, chatStream, responsesStream] as const;
/** One damaged reply of each format for so many turns. */
const TURNS_A_REPLY = 10;
const MOST_PROBLEMS = 20;

/** Good replies of each wire format, damaged, and the requests that follow them: a seed damages in one way. */
export const replies: Part = {
  name: "replies",
  async run({ turns, seed, only, report }) {
    const problems: string[] = [];
    const first = only ?? seed * 1_000_000;
    const count = only === undefined ? Math.ceil(turns / TURNS_A_REPLY) : 1;
    for (const format of FORMATS) {
      await withCutServer(async (server) => {
        for (let number = first; number < first + count && problems.length < MOST_PROBLEMS; number++) {
          const faults = await damageFaults(format, server, number);
          problems.push(...faults.map((fault) => `${format.name}, reply ${number} (--only ${number}): ${fault}`));
        }
      });
      report(`${count} damaged replies of ${format.name}`);
    }
    return problems;
  },
};
