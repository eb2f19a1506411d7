import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";

const SOURCE = resolve("src");

/**
 * Watches the timers that the source sets while a file's tests run; those of the test runner come and go. Returns what
 * says how many of them are under way and keep Node alive.
 */
export function watchTimers(): () => number {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const underWay = new Set<unknown>();
  const track = (timer: NodeJS.Timeout) => {
    if (new Error("set from where").stack?.includes(SOURCE)) underWay.add(timer);
    return timer;
  };
  const watched: object = {
    setTimeout: Object.assign((callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
      const timer = setTimeout(() => {
        underWay.delete(timer);
        callback(...args);
      }, delayMs);
      return track(timer);
    }, setTimeout),
    setInterval: (...given: Parameters<typeof setInterval>) => track(setInterval(...given)),
    clearTimeout(timer: Parameters<typeof clearTimeout>[0]) {
      underWay.delete(timer);
      clearTimeout(timer);
    },
    clearInterval(timer: Parameters<typeof clearInterval>[0]) {
      underWay.delete(timer);
      clearInterval(timer);
    },
  };
  beforeAll(() => void Object.assign(globalThis, watched));
  afterAll(() => void Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval }));
  // A border post: what the two functions of Node return are such timers.
  return () => [...underWay].filter((timer) => (timer as NodeJS.Timeout).hasRef()).length;
}
