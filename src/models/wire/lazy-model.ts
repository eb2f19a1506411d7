import type { Model } from "../../process/contract/model.ts";

export interface LazyModelOptions {
  readonly provider: string;
  readonly name: string;
  readonly bound: Model["bound"];
  /** What sends its requests; loaded with the first of them, and again after that has failed. */
  load(): Promise<Model["send"]>;
}

/** A model whose code for sending is loaded when it is used: that is a third of this package. */
export function lazyModel({ provider, name, bound, load }: LazyModelOptions): Model {
  let loading: Promise<Model["send"]> | undefined;
  const loaded = (): Promise<Model["send"]> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return Object.freeze<Model>({
    provider,
    name,
    ...(bound !== undefined && { bound }),
    async send(conversation, io) {
      io.signal.throwIfAborted();
      const send = await loaded();
      return send(conversation, io);
    },
  });
}
