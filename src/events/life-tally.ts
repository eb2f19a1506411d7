import type { Charge } from "./bill.ts";
import type { LifeUsage } from "./run-result.ts";
import type { TallyFigures } from "./tally.ts";
import { Tally } from "./tally.ts";

/** What a process has used in its life, as plain data. */
export interface LifeFigures {
  readonly own: TallyFigures;
  /** Of its descendants; undefined where it has had none. */
  readonly below: TallyFigures | undefined;
  readonly countedTokens: number | undefined;
  readonly inheritedTokens: number | undefined;
}

const NO_CHARGE: Charge = Object.freeze({ usd: 0, tokens: 0 });

/** What a process uses in its life. */
export class LifeTally {
  readonly own: Tally;
  /** How long the conversation was when the provider last counted it, in tokens. */
  countedTokens: number | undefined;
  /** So much of it came from its parent. */
  inheritedTokens: number | undefined = 0;
  /** Of its descendants. Most have none. */
  #below: Tally | undefined;

  constructor(own = new Tally()) {
    this.own = own;
  }

  /** One that goes on from what another had counted. */
  static from({ own, below, countedTokens, inheritedTokens }: LifeFigures): LifeTally {
    const tally = new LifeTally(Tally.from(own));
    tally.#below = below && Tally.from(below);
    tally.countedTokens = countedTokens;
    tally.inheritedTokens = inheritedTokens;
    return tally;
  }

  figures(): LifeFigures {
    const { countedTokens, inheritedTokens } = this;
    return { own: this.own.figures(), below: this.#below?.figures(), countedTokens, inheritedTokens };
  }

  /** What requests took from limits, those of descendants among them. */
  get charged(): Charge {
    const [own, below] = [this.own.charged, this.#below?.charged ?? NO_CHARGE];
    return { usd: own.usd + below.usd, tokens: own.tokens + below.tokens };
  }

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
