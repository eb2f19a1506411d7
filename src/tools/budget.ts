import type { LimitState } from "../events/limit-state.ts";
import type { Tool } from "../process/contract/tool.ts";
import { tool } from "./tool.ts";

/** The tool `budget`: tells the model how far the limits are used up that hold for it. */
export const budget: Tool = tool({
  name: "budget",
  description:
    "Tells how much of your limits of cost (usd) and tokens is left for you and all that you start. `reserved` is set " +
    "aside for requests under way, of which most comes back.",
  parameters: { type: "object", properties: {}, additionalProperties: false },
  execute(_args, { process }) {
    const { usd, tokens } = process.limits;
    if (usd === undefined && tokens === undefined) return "No limit of cost or tokens holds for you.";
    return { ...(usd && { usd: figures(usd) }), ...(tokens && { tokens: figures(tokens) }) };
  },
});

/** To a millionth: what models are told costs tokens, too. */
function figures({ limit, spent, reserved, left }: LimitState) {
  const round = (value: number) => Math.round(value * 1e6) / 1e6;
  return { limit, spent: round(spent), reserved: round(reserved), left: round(left) };
}
