// 100,000 pieces of text at once to a handler that takes 100 ms, and what that takes in memory. A second process, with
// the same handler, runs meanwhile.
import type { Model, Reply } from "llmproc";
import { LLMProgram } from "llmproc";
import { collected, heapMegabytes } from "./heap.ts";

const PIECES = 100_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function streaming(pieces: number, waits: boolean, peak: (megabytes: number) => void): Model {
  return {
    provider: "custom",
    name: "custom",
    async send(_conversation, io): Promise<Reply> {
      await io.beforeSend({});
      let text = "";
      for (let piece = 0; piece < pieces; piece++) {
        text += `${piece} `;
        const room = io.onText(`${piece} `);
        if (waits) await room;
        if (piece % 10_000 === 9999) peak(heapMegabytes());
      }
      peak(heapMegabytes());
      const content = [{ type: "text", text }];
      return { response: {}, content, texts: [text], toolCalls: [], usage: undefined, stopReason: "end" };
    },
  };
}

async function measure(waits: boolean) {
  const heard: { process: string; text: string; seq: number }[] = [];
  const slow = async (text: string, { process, seq }: { process: { id: string }; seq: number }) => {
    heard.push({ process: process.id, text, seq });
    await pause(100);
  };
  const settled: string[] = [];
  const start = async (name: string, pieces: number, peak: (megabytes: number) => void) => {
    const proc = await new LLMProgram({ name, model: streaming(pieces, waits, peak) }).start();
    proc.addCallback({ response_delta: slow }, { observe: true });
    return async () => {
      await proc.run("go");
      settled.push(name);
      return { id: proc.id, lastMessage: proc.lastMessage };
    };
  };
  let peak = 0;
  const fast = await start("fast", PIECES, (megabytes) => {
    peak = Math.max(peak, megabytes);
  });
  const other = await start("other", 1, () => {});
  const before = await collected();
  const rss = process.memoryUsage.rss();
  const run = fast();
  await other();
  const { id, lastMessage } = await run;
  const own = heard.filter((one) => one.process === id);
  const inOrder = own.every(({ seq }, place) => place === 0 || seq > (own[place - 1]?.seq ?? 0));
  return {
    calls: own.length,
    nothingLost: own.map(({ text }) => text).join("") === lastMessage && lastMessage.split(" ").length === PIECES + 1,
    inOrder,
    settled,
    heapMegabytes: peak - before,
    rssMegabytes: (process.memoryUsage.rss() - rss) / 1e6,
  };
}

console.log(JSON.stringify([await measure(false), await measure(true)]));
