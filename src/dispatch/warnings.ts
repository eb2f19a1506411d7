import { emitWarning } from "node:process";
import { errorMessage } from "../errors.ts";
import type { EventName } from "../events/callback-event.ts";
import type { CallbackFault } from "../events/callback-fault.ts";
import type { Registration } from "./registration.ts";

const TYPE = "LLMProcWarning";

/** One Node warning for each callback and event: a fault that nobody listens for is never silent. */
export function warnOfFault(
  registration: Registration,
  { callback, event, reason, error, missed }: CallbackFault,
): void {
  if (!first(registration, `fault ${event}`)) return;
  const what = reason === "timeout" ? "ran out of time" : "threw";
  const lost = missed === 0 ? "" : ` ${missed} events went past it.`;
  emitWarning(
    `Callback ${callback} ${what} in ${event}: ${errorMessage(error)}${lost} (A callback_error handler hears of every such fault.)`,
    {
      type: TYPE,
      code: "LLMPROC_CALLBACK_ERROR",
    },
  );
}

/** A handler returned something that looks as if it should mean something, and does not. */
export function warnOfReturn(registration: Registration, event: EventName, advice: string): void {
  if (!first(registration, `return ${event}`)) return;
  emitWarning(`What callback ${registration.name} returned from ${event} means nothing: ${advice}.`, {
    type: TYPE,
    code: "LLMPROC_CALLBACK_RETURN",
  });
}

function first({ warned }: Registration, key: string): boolean {
  if (warned.has(key)) return false;
  warned.add(key);
  return true;
}
