import { afterAll, expect, vi } from "vitest";

/*
 * Test files share a worker, so none may leave the process changed. The variables of the environment are put back here,
 * everything else is the file's own to put back. (What watches the process as a whole has a worker of its own instead:
 * see test/house/test-files.ts.)
 */
const environment = { ...process.env };
const found = state();

afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  expect(state(), "what this file leaves behind in the worker that it shares").toEqual(found);
});

/** What one file could spoil for those after it. */
function state(): Readonly<Record<string, unknown>> {
  return {
    fakeTimers: vi.isFakeTimers(),
    globals: functionsOf(globalThis),
    math: functionsOf(Math),
    date: functionsOf(Date),
    stdout: functionsOf(process.stdout),
    stderr: functionsOf(process.stderr),
    prototypes: [Object, Array, Function, Promise, Error].map(({ prototype }) => functionsOf(prototype)),
    listeners: process
      .eventNames()
      .map((event) => `${String(event)}: ${process.listenerCount(event)}`)
      .sort(),
    cwd: process.cwd(),
    exitCode: process.exitCode,
  };
}

/** Those of its own that are no getters: what Node loads when it is first used comes by itself. */
function functionsOf(object: object): ReadonlyMap<string, unknown> {
  const own = Object.entries(Object.getOwnPropertyDescriptors(object));
  return new Map(own.flatMap(([name, { value }]) => (typeof value === "function" ? [[name, value]] : [])));
}
