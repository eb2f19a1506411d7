import { PassThrough } from "node:stream";
import { expect } from "vitest";
import type { Screen, ScreenOptions } from "./screen.ts";
import { screen } from "./screen.ts";

/** Somebody at a terminal. */
export interface Person {
  readonly input: PassThrough & { readonly isTTY: boolean };
  readonly output: Screen;
  /** Resolves with the screen when it matches. */
  sees(pattern: RegExp): Promise<string>;
  /** Types a line, which the terminal shows as it does for anybody. */
  types(line: string): void;
  /** Waits for a question that matches, and answers it. */
  answers(question: RegExp, line: string): Promise<void>;
  /** The question that is the so manieth on the screen, once it waits for its answer. */
  question(number: number): Promise<string>;
  /** Ctrl-D. */
  leaves(): void;
}

/** What stands at the end of the screen while a question waits for its answer. */
export const WAITS = /Run it\? >$/;

export function person(size: ScreenOptions = {}): Person {
  const output = screen(size);
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const sees = async (pattern: RegExp) => {
    let text = "";
    await expect
      .poll(
        async () => {
          text = (await output.text()).trimEnd();
          return text;
        },
        { timeout: 60_000, interval: 5 },
      )
      .toMatch(pattern);
    return text;
  };
  const types = (line: string) => {
    output.write(`${line}\r\n`);
    input.write(`${line}\n`);
  };
  return {
    input,
    output,
    sees,
    types,
    async answers(question, line) {
      await sees(new RegExp(`${question.source}[\\s\\S]*${WAITS.source}`));
      types(line);
    },
    async question(number) {
      const text = await sees(new RegExp(`^(?:[\\s\\S]*?^\\? ){${number}}[\\s\\S]*${WAITS.source}`, "m"));
      return text.slice(text.lastIndexOf("\n? ") + 1);
    },
    leaves: () => void input.end(),
  };
}
