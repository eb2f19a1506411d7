import type { LifeUsage } from "./run-result.ts";
import { Tally } from "./tally.ts";

/** What a process uses in its life. */
export class LifeTally {
  readonly own = new Tally();
  /** How long the conversation was when the provider last counted it, in tokens. */
  countedTokens: number | undefined;
  /** So much of it came from its parent. */
  inheritedTokens: number | undefined = 0;
  /** Of its descendants. Most have none. */
  #below: Tally | undefined;

  get below(): Tally {
    this.#below ??= new Tally();
    return this.#below;
  }

  /** A fork goes on from what its parent's provider has counted. */
  inherit(contextTokens: number | undefined): void {
    this.countedTokens = contextTokens;
    this.inheritedTokens = contextTokens;
  }

  /** Undefined where nobody has counted a conversation that is not empty. */
  contextTokens(messageCount: number): number | undefined {
    return this.countedTokens ?? (messageCount === 0 ? 0 : undefined);
  }

  usage({ id, name }: { readonly id: string; readonly name: string }, messageCount: number): LifeUsage {
    return Object.freeze({
      processId: id,
      name,
      ...Tally.usage(this.#below === undefined ? [this.own] : [this.own, this.#below]),
      own: Object.freeze(this.own.snapshot()),
      contextTokens: this.contextTokens(messageCount),
      inheritedTokens: this.inheritedTokens,
    });
  }
}
