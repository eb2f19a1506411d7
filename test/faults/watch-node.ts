import { afterAll, beforeAll, expect } from "vitest";

const CODES = ["LLMPROC_CALLBACK_ERROR", "LLMPROC_CALLBACK_RETURN"];
const warnings: string[] = [];
const unhandled: unknown[] = [];

/** The warnings that Node was given about a callback. */
export function warningsOf(callback: string): readonly string[] {
  return warnings.filter(
    (message) => message.startsWith(`Callback ${callback} `) || message.startsWith(`What callback ${callback} `),
  );
}

/** Collects Node's warnings in place of printing them, and demands that no rejection goes unhandled. */
export function watchNode(): void {
  const printers = process.listeners("warning");
  const onWarning = (warning: Error & { code?: string }) => {
    if (CODES.includes(warning.code ?? "")) warnings.push(warning.message);
    else for (const print of printers) print(warning);
  };
  const onUnhandled = (error: unknown) => unhandled.push(error);
  beforeAll(() => {
    warnings.length = 0;
    unhandled.length = 0;
    process.removeAllListeners("warning");
    process.on("warning", onWarning);
    process.on("unhandledRejection", onUnhandled);
    process.on("uncaughtException", onUnhandled);
  });
  afterAll(() => {
    process.off("warning", onWarning);
    for (const print of printers) process.on("warning", print);
    process.off("unhandledRejection", onUnhandled);
    process.off("uncaughtException", onUnhandled);
    expect(unhandled).toEqual([]);
  });
}
