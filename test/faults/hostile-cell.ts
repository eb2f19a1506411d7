import type { CallbackFault, CallbackOptions, EventName, EventRecord, LLMProcess } from "llmproc";
import { LLMProgram, RunError, tool } from "llmproc";
import type { ScriptedStep } from "llmproc/testing";
import { checkEvents, scripted } from "llmproc/testing";
import { EVENTS } from "./cell.ts";
import type { Hostile } from "./hostile-values.ts";
import { HOSTILE } from "./hostile-values.ts";

const FORMS = ["function", "object", "on(event)", 'on("*")', "beside a stream"] as const;
const MODES = ["guard", "observer", "trial"] as const;
const ENDS_RUN: readonly EventName[] = ["process_start", "run_start", "turn_start", "api_request"];
const SHORT_MS = 15;

/** One handler, once, in one process: what it throws or returns, where, as what, and whether after an `await`. */
export interface HostileCell {
  readonly hostile: Hostile;
  readonly event: EventName;
  readonly form: (typeof FORMS)[number];
  readonly mode: (typeof MODES)[number];
  readonly later: boolean;
}

/** All of them, in an order in which any stretch has something of everything. */
export function hostileCells(): HostileCell[] {
  const cells: HostileCell[] = [];
  const ways = FORMS.flatMap((form) => MODES.flatMap((mode) => [false, true].map((later) => ({ form, mode, later }))));
  for (let turn = 0; turn < ways.length; turn++) {
    HOSTILE.forEach((hostile, row) => {
      EVENTS.forEach((event, column) => {
        const way = ways[(turn + row * 7 + column * 3) % ways.length];
        if (way !== undefined && !(way.later && hostile.onlySync)) cells.push({ hostile, event, ...way });
      });
    });
  }
  return cells;
}

/** What went otherwise than it should, in its run and the two after it. */
export async function hostileProblems(cell: HostileCell): Promise<string[]> {
  const { hostile, event, form, mode, later } = cell;
  const name = `[${hostile.name} / ${event} / ${form} / ${mode} / ${later ? "async" : "sync"}]`;
  const timeoutMs = hostile.follows === "timeout" ? SHORT_MS : 10_000;
  const problems: string[] = [];
  const compare = (what: string, found: unknown, wanted: unknown) => {
    if (!Object.is(found, wanted)) problems.push(`${name} ${what}: ${String(found)}, not ${String(wanted)}`);
  };
  let toolRuns = 0;
  const program = programWith(() => toolRuns++);
  let proc = await program.start();
  register(proc, cell, { name: "hostile", observe: mode === "observer", trial: mode === "trial", timeoutMs });
  // So that there is a context_change. Where nothing will be asked any more, it is refused.
  proc.on("tool_start", (_name, _args, info) => void info.process.say("and hurry").catch(() => {}), { observe: true });
  const heard = listen(proc);
  const faults: CallbackFault[] = [];
  proc.addCallback({ callback_error: (fault) => fault.callback.endsWith("hostile") && void faults.push(fault) });

  const isVerdict = hostile.follows === "verdict" || hostile.follows === "unfit";
  const refuses = mode === "guard" && hostile.follows !== "nothing" && !isVerdict;
  const ends = refuses && ENDS_RUN.includes(event);
  const denies = event === "tool_start" && (refuses || (mode === "guard" && isVerdict));
  const withholds = event === "tool_result" && refuses;
  const first = await run(proc, cell, "one");
  // A guard that hangs goes on refusing what it is asked next.
  const hangs = refuses && hostile.follows === "timeout";
  compare("the run", first, ends || (hangs && first === "callback") ? "callback" : "end");
  if (!hangs) compare("the tool ran", toolRuns, ends || denies ? 0 : 1);
  if (ends && event === "process_start") {
    await proc.close();
    proc = await program.start();
    heard.push(...listen(proc));
  }
  for (const prompt of ["two", "three"]) {
    toolRuns = 0;
    const stopReason = await run(proc, cell, prompt);
    compare(`run ${prompt}`, stopReason, hangs && stopReason === "callback" ? "callback" : "end");
    if (!hangs) compare(`the tool in run ${prompt}`, toolRuns, 1);
  }
  await proc.close();
  judgeFaults(cell, faults, { ends, denies: denies || withholds }, compare);
  for (const { message } of checkEvents(heard)) problems.push(`${name} ${message}`);
  return problems;
}

type Compare = (what: string, found: unknown, wanted: unknown) => void;

function judgeFaults(
  { hostile: { follows }, event, mode, form }: HostileCell,
  faults: readonly CallbackFault[],
  { ends, denies }: { readonly ends: boolean; readonly denies: boolean },
  compare: Compare,
): void {
  for (const { error } of faults) {
    compare("the fault is an Error", error instanceof Error, true);
    for (const key of ["name", "message", "stack", "message"] as const) {
      compare(`the ${key} of the fault`, typeof error[key], "string");
    }
  }
  const hearsOne = form === "object" || form === "on(event)";
  // One on trial would go on refusing, which is reported.
  if (mode === "trial" && follows === "timeout")
    compare("faults", faults.length > 0, event !== "callback_error" || !hearsOne);
  else if (event === "callback_error" || (ends && follows !== "timeout")) compare("faults", faults.length, 0);
  // Whoever throws a Veto at a call has said why: that is no fault.
  else if (denies && follows === "throw") compare("no more than one fault", faults.length <= 1, true);
  else if (follows === "throw") compare("faults", faults.length, 1);
  // What it would have answered is reported as a fault.
  else if (mode === "trial" && event === "tool_start") compare("faults", faults.length > 0, follows !== "nothing");
  else compare("faults", faults.length > 0, (denies && follows !== "unfit") || follows === "timeout");
}

/** Misbehaves once, at the first of the event. */
function register(proc: LLMProcess, { hostile, event, form, later }: HostileCell, options: CallbackOptions): void {
  let done = false;
  const hear = (heard: unknown): unknown => {
    if (done || heard !== event) return undefined;
    done = true;
    return later ? Promise.resolve().then(() => hostile.act()) : hostile.act();
  };
  if (form === "function") proc.addCallback((heard) => hear(heard), options);
  else if (form === "object") proc.addCallback({ [event]: () => hear(event) }, options);
  else if (form === "on(event)") proc.on(event, () => hear(event), options);
  else proc.on("*", (record) => hear(record.event), options);
}

/** All that was heard, by somebody registered later; and somebody with a bug, so that there is a fault to hear of. */
function listen(proc: LLMProcess): EventRecord[] {
  const records: EventRecord[] = [];
  proc.on("*", (record) => void records.push(record));
  proc.on(
    "response_delta",
    () => {
      throw new Error("sabotage");
    },
    { observe: true, name: "saboteur" },
  );
  return records;
}

/** How the run ended, whichever way it is listened to. */
async function run(proc: LLMProcess, { form }: HostileCell, prompt: string): Promise<string | undefined> {
  try {
    if (form !== "beside a stream") return (await proc.run(prompt)).stopReason;
    const stream = proc.stream(prompt);
    let last: string | undefined;
    for await (const { event } of stream) last = event;
    return last === "run_end" || last === "callback_error" ? (await stream.result).stopReason : last;
  } catch (error) {
    return error instanceof RunError && typeof error.message === "string" ? error.stopReason : String(error);
  }
}

/** For each prompt a request that fails and is sent again, a reply that calls a tool that writes, and a last one. */
function programWith(ran: () => void): LLMProgram {
  const asked = new Set<string>();
  const step: ScriptedStep = ({ messages }) => {
    const last = messages.at(-1);
    if (last?.role !== "user" || JSON.stringify(last).includes("and hurry")) return { text: "done" };
    const prompt = JSON.stringify(last.content);
    if (asked.has(prompt)) return { text: "working", toolCalls: [{ name: "note" }] };
    asked.add(prompt);
    return { error: { status: 503 } };
  };
  const note = tool({
    name: "note",
    description: "Writes a note.",
    parameters: { type: "object", properties: {} },
    execute(_args, { process }) {
      ran();
      process.writeStderr("noted");
      return "written";
    },
  });
  const retry = { maxAttempts: 2, initialDelayMs: 1, maxDelayMs: 1 };
  return new LLMProgram({ model: scripted([step], { repeat: true }), tools: [note], retry });
}
