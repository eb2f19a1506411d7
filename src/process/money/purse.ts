import type { LimitState } from "../../events/limit-state.ts";

export interface PurseOptions {
  readonly warnAt: number;
  readonly owner: string;
  readonly onWarn: (purse: Purse) => void;
  /** What was spent of it before. @default 0 */
  readonly spent?: number | undefined;
}

/** One limit, and what of it is spent or set aside. */
export class Purse {
  readonly unit: "usd" | "tokens";
  readonly limit: number;
  readonly warnAt: number;
  /** Whose limit it is, for messages. */
  readonly owner: string;
  readonly #onWarn: (purse: Purse) => void;
  #spent: number;
  #reserved = 0;
  #underWay = 0;
  #warned: boolean;

  constructor(unit: "usd" | "tokens", limit: number, { warnAt, owner, onWarn, spent = 0 }: PurseOptions) {
    this.unit = unit;
    this.limit = limit;
    this.warnAt = warnAt;
    this.owner = owner;
    this.#onWarn = onWarn;
    this.#spent = spent;
    this.#warned = this.#isNearlyUsedUp;
  }

  get spent(): number {
    return this.#spent;
  }

  get left(): number {
    return Math.max(this.limit - this.#spent - this.#reserved, 0);
  }

  fits(amount: number): boolean {
    return this.#spent + this.#reserved + amount <= this.#most;
  }

  /** Whether it would fit if all that is set aside came back. */
  canEver(amount: number): boolean {
    return this.#spent + amount <= this.#most;
  }

  reserve(amount: number): void {
    this.#reserved += amount;
    this.#underWay++;
  }

  settle(reserved: number, spent: number): void {
    this.#underWay--;
    // Sums of fractions drift: with nothing under way, nothing is set aside.
    this.#reserved = this.#underWay === 0 ? 0 : this.#reserved - reserved;
    this.#spent += spent;
  }

  warn(): void {
    if (this.#warned || !this.#isNearlyUsedUp) return;
    this.#warned = true;
    this.#onWarn(this);
  }

  get #isNearlyUsedUp(): boolean {
    return this.#spent > 0 && this.#spent >= this.limit * this.warnAt;
  }

  state(): LimitState {
    const { limit, left } = this;
    return Object.freeze({ limit, spent: this.#spent, reserved: this.#reserved, left, warned: this.#warned });
  }

  /** Three times ten cents are a little more than thirty, in fractions: as much as that is let through. */
  get #most(): number {
    return this.limit * (1 + 1e-12);
  }
}
