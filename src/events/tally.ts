import type { Charge, RequestBill } from "./bill.ts";
import type { ModelName, ModelUsage, TokenCounts, Usage, UsageFlag, UsageFlagReason } from "./run-result.ts";

/** What a tally has counted, as plain data. */
export interface TallyFigures {
  readonly charged: Charge;
  readonly toolCalls: number;
  readonly models: readonly (ModelUsage & { readonly isUnpriced: boolean; readonly flags: readonly UsageFlag[] })[];
}

/** Counts what is used as it is used. */
export class Tally {
  #toolCalls = 0;
  #chargedUsd = 0;
  #chargedTokens = 0;
  /** Most have one model, if any. */
  #first: ModelTally | undefined;
  #others: readonly ModelTally[] = [];

  /** One that goes on from what another had counted. */
  static from({ toolCalls, charged, models }: TallyFigures): Tally {
    const tally = new Tally();
    tally.#chargedUsd = charged.usd;
    tally.#chargedTokens = charged.tokens;
    tally.#toolCalls = toolCalls;
    const [first, ...others] = models.map(ModelTally.from);
    tally.#first = first;
    tally.#others = others;
    return tally;
  }

  figures(): TallyFigures {
    return { toolCalls: this.#toolCalls, charged: this.charged, models: this.#models().map((part) => part.figures()) };
  }

  /** What requests took from limits. */
  get charged(): Charge {
    return { usd: this.#chargedUsd, tokens: this.#chargedTokens };
  }

  countRequest(model: ModelName): void {
    this.#of(model).apiCalls++;
  }

  countToolCall(): void {
    this.#toolCalls++;
  }

  countBill(model: ModelName, bill: RequestBill): void {
    this.#of(model).add(bill);
    if (bill.charged !== undefined) this.#charge(bill.charged);
  }

  /** What several of them have counted. */
  static usage(tallies: Iterable<Tally>): Usage {
    const sums: ModelTally[] = [];
    let toolCalls = 0;
    for (const tally of tallies) {
      toolCalls += tally.#toolCalls;
      for (const part of tally.#models()) sumFor(sums, part).merge(part);
    }
    const models = sums.map((sum) => sum.snapshot());
    const total = (key: keyof TokenCounts | "usdCost" | "usdUncertain" | "usdReported" | "apiCalls") =>
      models.reduce((sum, model) => sum + model[key], 0);
    const [inputTokens, outputTokens] = [total("inputTokens"), total("outputTokens")];
    return {
      usdCost: total("usdCost"),
      usdUncertain: total("usdUncertain"),
      usdReported: total("usdReported"),
      apiCalls: total("apiCalls"),
      toolCalls,
      inputTokens,
      outputTokens,
      reasoningTokens: total("reasoningTokens"),
      cachedTokens: total("cachedTokens"),
      cacheWriteTokens: total("cacheWriteTokens"),
      cacheWrite1hTokens: total("cacheWrite1hTokens"),
      totalTokens: inputTokens + outputTokens,
      unpriced: Object.freeze([...new Set(sums.flatMap(({ model, isUnpriced }) => (isUnpriced ? [model.name] : [])))]),
      flags: Object.freeze(sums.flatMap((sum) => sum.flags())),
      models: Object.freeze(models),
    };
  }

  /** Counts what another has counted, too. */
  merge(other: Tally): void {
    this.#toolCalls += other.#toolCalls;
    this.#charge(other.charged);
    for (const part of other.#models()) this.#of(part.model).merge(part);
  }

  snapshot(): Usage {
    return Tally.usage([this]);
  }

  #charge({ usd, tokens }: Charge): void {
    this.#chargedUsd += usd;
    this.#chargedTokens += tokens;
  }

  #models(): readonly ModelTally[] {
    return this.#first === undefined ? [] : [this.#first, ...this.#others];
  }

  #of(model: ModelName): ModelTally {
    const first = this.#first;
    if (first?.model === model) return first;
    return this.#find(model);
  }

  #find(model: ModelName): ModelTally {
    const known = this.#models().find((one) => isSame(one.model, model));
    if (known !== undefined) return known;
    const made = new ModelTally(model);
    if (this.#first === undefined) this.#first = made;
    else this.#others = [...this.#others, made];
    return made;
  }
}

/** Two programs may each have made their own object for one model. */
function isSame(a: ModelName, b: ModelName): boolean {
  return a === b || (a.name === b.name && a.provider === b.provider);
}

function sumFor(sums: ModelTally[], { model }: ModelTally): ModelTally {
  const known = sums.find((sum) => isSame(sum.model, model));
  if (known !== undefined) return known;
  const made = new ModelTally(model);
  sums.push(made);
  return made;
}

class ModelTally {
  readonly model: ModelName;
  apiCalls = 0;
  isUnpriced = false;
  #usdCost = 0;
  #usdUncertain = 0;
  #usdReported = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #reasoningTokens = 0;
  #cachedTokens = 0;
  #cacheWriteTokens = 0;
  #cacheWrite1hTokens = 0;
  #flags: Map<UsageFlagReason, number> | undefined;

  constructor(model: ModelName) {
    this.model = model;
  }

  static from(figures: TallyFigures["models"][number]): ModelTally {
    const tally = new ModelTally({ provider: figures.provider, name: figures.model });
    tally.apiCalls = figures.apiCalls;
    tally.add({ ...figures, flags: [], isCounted: false });
    for (const { reason, requests } of figures.flags) tally.#flag(reason, requests);
    return tally;
  }

  figures(): TallyFigures["models"][number] {
    return { ...this.snapshot(), isUnpriced: this.isUnpriced, flags: this.flags() };
  }

  add(bill: RequestBill): void {
    this.isUnpriced ||= bill.isUnpriced;
    this.#usdCost += bill.usdCost;
    this.#usdUncertain += bill.usdUncertain;
    this.#usdReported += bill.usdReported;
    this.#inputTokens += bill.inputTokens;
    this.#outputTokens += bill.outputTokens;
    this.#reasoningTokens += bill.reasoningTokens;
    this.#cachedTokens += bill.cachedTokens;
    this.#cacheWriteTokens += bill.cacheWriteTokens;
    this.#cacheWrite1hTokens += bill.cacheWrite1hTokens;
    for (const reason of bill.flags) this.#flag(reason, 1);
  }

  merge(other: ModelTally): void {
    this.apiCalls += other.apiCalls;
    this.isUnpriced ||= other.isUnpriced;
    this.#usdCost += other.#usdCost;
    this.#usdUncertain += other.#usdUncertain;
    this.#usdReported += other.#usdReported;
    this.#inputTokens += other.#inputTokens;
    this.#outputTokens += other.#outputTokens;
    this.#reasoningTokens += other.#reasoningTokens;
    this.#cachedTokens += other.#cachedTokens;
    this.#cacheWriteTokens += other.#cacheWriteTokens;
    this.#cacheWrite1hTokens += other.#cacheWrite1hTokens;
    for (const [reason, requests] of other.#flags ?? []) this.#flag(reason, requests);
  }

  flags(): readonly UsageFlag[] {
    return [...(this.#flags ?? [])].map(([reason, requests]) =>
      Object.freeze({ reason, model: this.model.name, requests }),
    );
  }

  snapshot(): ModelUsage {
    return Object.freeze({
      provider: this.model.provider,
      model: this.model.name,
      apiCalls: this.apiCalls,
      usdCost: this.#usdCost,
      usdUncertain: this.#usdUncertain,
      usdReported: this.#usdReported,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      reasoningTokens: this.#reasoningTokens,
      cachedTokens: this.#cachedTokens,
      cacheWriteTokens: this.#cacheWriteTokens,
      cacheWrite1hTokens: this.#cacheWrite1hTokens,
    });
  }

  #flag(reason: UsageFlagReason, requests: number): void {
    this.#flags ??= new Map();
    this.#flags.set(reason, (this.#flags.get(reason) ?? 0) + requests);
  }
}
