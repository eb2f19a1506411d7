import type { ForkOptions } from "../events/process-view.ts";

/** The argument by which a model gives a child a part of the limit, where the program lets it. */
export const SHARE = {
  usd: {
    type: "number",
    exclusiveMinimum: 0,
    description:
      "The most that one child may cost, in US dollars, its own children among it. Nothing is set aside for it: " +
      "all that you start shares what is left of your own limit.",
  },
} as const;

export function shareOf(usd: number | undefined): ForkOptions {
  return usd === undefined ? {} : { limits: { usd } };
}
