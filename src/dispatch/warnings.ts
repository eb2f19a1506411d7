import process from "node:process";
import { errorMessage } from "../errors.ts";
import type { EventName } from "../events/callback-event.ts";
import type { CallbackFault } from "../events/callback-fault.ts";
import { startOf } from "../text/cut-text.ts";
import { forTerminal } from "../text/terminal.ts";
import type { Party } from "./registration.ts";

const TYPE = "LLMProcWarning";

/** One Node warning for each callback and event: a fault that nobody listens for is never silent. */
export function warnOfFault(registration: Party, { callback, event, reason, error, missed }: CallbackFault): void {
  if (!first(registration, `fault ${event}`)) return;
  const what = reason === "timeout" ? "ran out of time" : "threw";
  const lost = missed === 0 ? "" : ` ${missed} events went past it.`;
  const message = `Callback ${shown(callback)} ${what} in ${event}: ${shown(errorMessage(error))}${lost}`;
  process.emitWarning(`${message} (A callback_error handler hears of every such fault.)`, {
    type: TYPE,
    code: "LLMPROC_CALLBACK_ERROR",
  });
}

/** A handler returned something that looks as if it should mean something, and does not. */
export function warnOfReturn(registration: Party, event: EventName, advice: string): void {
  if (!first(registration, `return ${event}`)) return;
  process.emitWarning(
    `What callback ${shown(registration.name)} returned from ${event} means nothing: ${shown(advice)}.`,
    {
      type: TYPE,
      code: "LLMPROC_CALLBACK_RETURN",
    },
  );
}

/** Node writes a warning to the terminal as it is, and an error may quote a model: one line, of bounded length. */
function shown(text: string): string {
  const start = startOf(text, MOST_CHARACTERS);
  return forTerminal(start.length < text.length ? `${start}…` : text);
}

const MOST_CHARACTERS = 1000;

function first({ warned }: Party, key: string): boolean {
  if (warned.has(key)) return false;
  warned.add(key);
  return true;
}
