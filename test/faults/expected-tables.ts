import type { EventName } from "llmproc";
import type { Behaviour, Ending, Expected, Kind } from "./expected.ts";
import { BEHAVIOURS, CALLED_BACK, CLOSES, ENDS, EXPECTED, KINDS, STALLS } from "./expected.ts";

/** The table of outcomes as it stands in docs/reliability.md: a row for each behaviour, a column for each place. */
export function outcomeTable(): string {
  const kinds = Object.keys(KINDS) as Kind[];
  const behaviours = Object.keys(BEHAVIOURS) as Behaviour[];
  return table(
    ["the handler", ...Object.values(KINDS)],
    behaviours.map((behaviour) => [BEHAVIOURS[behaviour], ...kinds.map((kind) => words(EXPECTED[kind][behaviour]))]),
  );
}

const RUN = { on: "goes on", refused: "refused", ends: "stopped", aborts: "closed" } as const;
const TOOL = {
  "denied by callback NAME": "denied",
  "the reason": "denied, with the reason",
  "withheld by callback NAME": "withheld",
  "the reason of what is withheld": "withheld, with the reason",
} as const;
const FAULT = { none: [], throw: ["fault"], timeout: ["timeout"], warning: ["warning"] } as const;

function words({ run, tool, fault, hears }: Expected): string {
  return [tool === undefined ? RUN[run] : TOOL[tool], ...FAULT[fault], ...(hears === "all" ? [] : ["deaf"])].join("; ");
}

/** What the place decides: a row for each event. */
export function placeTable(): string {
  const events = Object.keys(ENDS) as EventName[];
  return table(
    ["event", "`stop()`", "`close()`", "never settles", "`run()`", "`forkProcess()`"],
    events.map((event) => [
      `\`${event}\``,
      ending(ENDS[event]),
      ending(CLOSES[event]),
      ending(STALLS[event]),
      code(CALLED_BACK[event].run),
      code(CALLED_BACK[event].fork),
    ]),
  );
}

const CALL = {
  "not asked": "",
  denied: ", tool not run",
  ran: ", tool ran",
  withheld: ", tool ran, withheld",
} as const;

function ending({ stopReason, tool }: Ending): string {
  return `\`${stopReason}\`${CALL[tool]}`;
}

function code(answer: string): string {
  return answer === "works" ? answer : `\`${answer}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
