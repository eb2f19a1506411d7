import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Chance } from "../../soak/chance.ts";
import { DEEDS, kindly } from "./deeds.ts";
import type { Bill } from "./visit.ts";
import { PRICES } from "./visit.ts";
import type { Voice } from "./voices.ts";

export interface HostileVendor extends AsyncDisposable {
  readonly url: string;
  /** What it has billed, in US dollars, whatever it has told. */
  readonly billedUsd: number;
  readonly requests: number;
  /** Requests that came where it has redirected to. */
  readonly strayed: number;
  /** What it did, in order. */
  readonly deeds: readonly string[];
  /** The bodies that came since it has turned kind. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  /** From now on it answers well. */
  turnKind(): void;
}

export interface VendorOptions {
  readonly seed: number;
  readonly voice: Voice;
  /** Nothing but this. @default anything */
  readonly only?: string | undefined;
}

/** A server on 127.0.0.1 that does to its clients whatever comes to its mind, by a seed. */
export async function hostileVendor({ seed, voice, only }: VendorOptions): Promise<HostileVendor> {
  const deeds: string[] = [];
  const bodies: Readonly<Record<string, unknown>>[] = [];
  let isKind = false;
  // A tokeniser is the same each time, and makes no more tokens than there are bytes.
  const tokensPerByte = 0.2 + 0.8 * new Chance(`tokens ${seed}`).next();
  let billedUsd = 0;
  let strayed = 0;
  const trap = await listening((_incoming, outgoing) => {
    strayed++;
    outgoing.end("{}");
  });
  const names = DEEDS.map(({ name }) => name);
  const server = await listening(async (incoming, outgoing) => {
    outgoing.on("error", () => {});
    const raw = await textOf(incoming);
    const body = JSON.parse(raw) as Readonly<Record<string, unknown>>;
    const chance = new Chance(`hostile ${seed} ${voice.name} ${deeds.length}`);
    if (isKind) bodies.push(body);
    const name = isKind ? "kindly" : (only ?? names[chance.below(names.length)] ?? "kindly");
    deeds.push(name);
    const maxTokens = Number(body.max_tokens ?? body.max_output_tokens);
    let billed: Bill | undefined;
    const bill = (outputTokens: number): Bill => {
      if (billed !== undefined) return billed;
      const inputTokens = Math.floor(raw.length * tokensPerByte);
      billedUsd += inputTokens * PRICES.input + outputTokens * PRICES.output;
      billed = { inputTokens, outputTokens };
      return billed;
    };
    const deed = DEEDS.find((one) => one.name === name)?.run ?? kindly;
    await deed({ chance, voice, body, outgoing, trapUrl: trap.url, bill, maxTokens });
  });
  return {
    url: server.url,
    get billedUsd() {
      return billedUsd;
    },
    get requests() {
      return deeds.length;
    },
    get strayed() {
      return strayed;
    },
    deeds,
    bodies,
    turnKind() {
      isKind = true;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([server.close(), trap.close()]);
    },
  };
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void | Promise<void>;

async function listening(listener: Listener) {
  const server = createServer((incoming, outgoing) => {
    Promise.resolve(listener(incoming, outgoing)).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A border post: a server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, close };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  // A border post: without an encoding, the chunks are buffers.
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
