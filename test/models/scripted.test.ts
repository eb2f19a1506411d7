import { scripted } from "../../src/models/scripted.ts";
import type { ModelKind, WantedReply } from "./conformance.ts";
import { modelConformance } from "./conformance.ts";

const scriptedKind: ModelKind = {
  name: "scripted",
  has: { thinking: false, stopReasons: ["end", "tool_use", "max_tokens", "refusal"], wire: false },
  async open(replies) {
    const model = scripted(replies.map(toScript));
    return { model, sent: () => replies.length - model.unused, async [Symbol.asyncDispose]() {} };
  },
};

/** A stall is a pause that is longer than anybody waits. */
function toScript({ breaksAfter, stallsAfter, ...reply }: WantedReply) {
  return {
    ...reply,
    ...(breaksAfter !== undefined && { cutAfter: breaksAfter }),
    ...(stallsAfter !== undefined && { delayMs: 2000 }),
  };
}

modelConformance(scriptedKind);
