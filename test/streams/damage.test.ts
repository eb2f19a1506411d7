import { expect, test } from "vitest";
import { anthropicStream } from "./anthropic-stream.ts";
import { chatStream } from "./chat-stream.ts";
import { cutServer } from "./cut-server.ts";
import { damageFaults } from "./damage-suite.ts";
import { responsesStream } from "./responses-stream.ts";

/** `npm run soak` tries 10,000 of each. */
const SEEDS = 40;

for (const format of [anthropicStream, chatStream, responsesStream]) {
  test(`${format.name}: a damaged reply ends in a typed error or an answer, and the conversation goes on`, async () => {
    await using server = await cutServer();
    const faults: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const found = await damageFaults(format, server, seed);
      faults.push(...found.map((fault) => `seed ${seed}: ${fault}`));
    }
    expect(faults).toEqual([]);
  });
}
