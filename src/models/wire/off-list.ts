import type { Reply } from "../../process/contract/model.ts";

/** What a reply says of its price: why its rates are not those of the list, and what has a fee beside its tokens. */
export function offListFacts(
  rates: string | undefined,
  fee: string | undefined,
): Pick<Reply, "offList" | "isOtherRate"> {
  const offList = rates ?? fee;
  if (offList === undefined) return {};
  return fee === undefined ? { offList, isOtherRate: true } : { offList };
}
