import { registerHandler } from "../../dispatch/register.ts";
import type { EventRecord } from "../../events/event-record.ts";
import type { Run, RunWatcher } from "../state/run.ts";

/**
 * Hands the records of a run to whoever watches it: its own and those of the children that it made, not those of other
 * children of its process. Returns what ends that.
 */
export function watchRun(run: Run, watcher: RunWatcher): () => void {
  const { dispatcher, id } = run.process;
  const hear = (record: EventRecord) => {
    const isOwn = record.process.id === id && (record.runId ?? run.id) === run.id;
    if (isOwn || run.made(record.process.id)) watcher.hear(record);
  };
  const options = { observe: true, timeoutMs: Number.POSITIVE_INFINITY, name: "stream" };
  return dispatcher.listen(registerHandler("*", hear, options));
}
