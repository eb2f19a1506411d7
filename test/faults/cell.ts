import type { EventName } from "llmproc";
import { CallbackEvent } from "llmproc";
import type { Behaviour, Ending, Expected, Role } from "./expected.ts";
import { BEHAVIOURS, CLOSES, ENDS, EXPECTED, kindOf, REFUSED, STALLS, WHOLE } from "./expected.ts";

/** Where it happens, and who is there to hear of it. */
export const SITUATIONS = {
  run: "in a process that runs, others listening for faults",
  fork: "in a child that the tool fork made, others listening for faults",
  silent: "in a process that runs, nobody listening for faults",
} as const;

export type Situation = keyof typeof SITUATIONS;

export const FORMS = ["function", "object", "on(event)", 'on("*")'] as const;
export type Form = (typeof FORMS)[number];

/** One cell of the matrix: who misbehaves how, at which event, and where. */
export interface Cell {
  readonly situation: Situation;
  readonly event: EventName;
  readonly form: Form;
  readonly role: Role;
  readonly behaviour: Behaviour;
  /** Names the cell in a failure, and its callback in warnings. */
  readonly name: string;
}

export const EVENTS: readonly EventName[] = Object.values(CallbackEvent);

export function cellsOf(situation: Situation, event: EventName): Cell[] {
  const behaviours = Object.keys(BEHAVIOURS) as Behaviour[];
  return FORMS.flatMap((form) =>
    (["guard", "observer"] as const).flatMap((role) =>
      behaviours.map((behaviour) => {
        const name = `[${situation} / ${event} / ${form} / ${role} / ${behaviour}]`;
        return { situation, event, form, role, behaviour, name };
      }),
    ),
  );
}

export function expectedOf({ event, role, behaviour }: Cell): Expected {
  return EXPECTED[kindOf(event, role)][behaviour];
}

/** How the run that the event belongs to must end. */
export function endingOf(cell: Cell): Ending {
  const { event, form, role, behaviour, situation } = cell;
  const expected = expectedOf(cell);
  const inChild = situation === "fork";
  if (expected.run === "ends") {
    // A child that is about to start has no run that could be stopped.
    return inChild && event === "process_start" ? WHOLE : ENDS[event];
  }
  if (expected.run === "aborts") {
    return inChild && event === "process_start" ? { ...CLOSES[event], stopReason: "none" } : CLOSES[event];
  }
  if (behaviour === "never" && role === "guard" && form !== "on(event)") return unstarted(STALLS[event]);
  if (expected.run === "refused") return unstarted(REFUSED);
  if (expected.tool === undefined) return WHOLE;
  return { ...WHOLE, tool: event === "tool_result" ? "withheld" : "denied" };

  /** A process whose start was refused has raised no event of a run. */
  function unstarted(ending: Ending): Ending {
    return inChild && event === "process_start" ? { ...ending, stopReason: "none" } : ending;
  }
}
