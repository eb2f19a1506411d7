import { expect, test } from "vitest";
import { approval } from "../../src/callbacks/approval.ts";
import { consoleLog } from "../../src/callbacks/console-log.ts";
import { sampleOf } from "../support/sample.ts";
import { forbiddenOnTerminal, HOSTILE } from "./hostile.ts";
import { person, WAITS } from "./person.ts";
import { failureOf, programOf } from "./program.ts";
import type { Screen } from "./screen.ts";
import { screen } from "./screen.ts";

/** What terminals disagree on, and what would stand at the start of a row if one of them broke it where it liked. */
const FORGED = "? read_file  for demo";
const ODD = {
  "thumbs with a skin": "\u{1F44D}\u{1F3FD}",
  families: "👨‍👩‍👧‍👦",
  flags: "🇩🇪",
  "half a flag": "🇩",
  "signs made emoji": "❤\uFE0F",
  keycaps: "1\uFE0F\u20E3",
  ideographs: "漢",
  "Yi, which is wide, too": "ꀀ",
  "Hangul in pieces": "\u1112\u1161\u11AB",
  "Hangul that is one syllable": "\u1112",
  accents: "e\u0301",
  "marks without end": "\u0336",
  joiners: "\u200D",
  Thai: "กำ้",
  Devanagari: "क्ष",
  "what is wide in East Asia": "─",
  Greek: "ω",
  "wide forms": "Ｘ",
  tabs: "\t",
} as const;

const names = Object.keys(ODD) as (keyof typeof ODD)[];

/** At every distance from the edge: where a careless terminal breaks a row, a forged line begins. */
function planted(piece: string, columns: number): string {
  return Array.from({ length: columns }, (_, count) => piece.repeat(count) + FORGED).join("\n");
}

const texts = (columns: number) => names.map((name) => planted(ODD[name], columns));

/** How we begin a row. */
const OURS = /^(?:$|[ ?▶✓✗⊘!↻])/u;

async function expectOurs(stream: Screen): Promise<void> {
  expect(await stream.broken()).toEqual([]);
  const lines = await stream.lines();
  expect(lines.filter((line) => !OURS.test(line) || line.startsWith(FORGED))).toEqual([]);
}

const TERMINALS = [
  { columns: 80, isAllWide: false },
  { columns: 40, isAllWide: false },
  { columns: 20, isAllWide: false },
  { columns: 80, isAllWide: true },
  { columns: 20, isAllWide: true },
];

test.for(sampleOf(TERMINALS, 3))("nothing that a model says begins a row of a question: %o", async (size) => {
  const someone = person(size);
  const { input, output } = someone;
  const proc = await programOf([]).start();
  const guard = approval({ tools: "*", input, output, color: false });
  const args = Object.fromEntries(
    texts(size.columns).map((text, index) => [ODD[names[index] ?? "tabs"] + index, text]),
  );
  const info = { process: proc, signal: new AbortController().signal, phase: "live" } as never;
  const asked = guard.tool_start?.(`${ODD.families.repeat(size.columns)}${FORGED}`, args, info);
  await someone.sees(WAITS);
  someone.types("v");
  await someone.sees(WAITS);
  someone.types("y");
  await asked;
  await expectOurs(output);
  const rows = output.bytes.split("\n").filter((line) => line.startsWith("  │ "));
  expect(rows.length).toBeGreaterThan(names.length * size.columns);
});

test.for(sampleOf(TERMINALS, 3))("nor a row of the live view and its summary: %o", async (size) => {
  const stream = screen({ ...size, rows: 60 });
  const view = consoleLog({ stream, color: false, verbosity: "verbose" });
  for (const text of texts(size.columns)) {
    const line = text.slice(text.lastIndexOf("\n") + 1);
    const call = { name: "echo", args: { text: line } };
    const script = [{ text, toolCalls: [call, { name: line, args: { [line]: line } }] }, { error: { message: text } }];
    const faulty = { turn_end: () => Promise.reject(new Error(text)) };
    const ends = [1, 2].map(async () => {
      const proc = await programOf(script, { name: `x${line}`, retry: { maxAttempts: 1 } }).start();
      proc.addCallback(view).addCallback(faulty, { name: line });
      await failureOf(proc.run(text));
      await proc.close();
    });
    await Promise.all(ends);
  }
  await expectOurs(stream);
  expect(forbiddenOnTerminal(stream.bytes)).toEqual([]);
});

test("whose line it is is shown without its control sequences, too, where several speak", async () => {
  const stream = screen();
  const view = consoleLog({ stream, color: false });
  const program = programOf([{ text: "hello" }], { name: `demo ${HOSTILE}`, scripted: { repeat: true } });
  await Promise.all(
    [1, 2].map(async () => {
      const proc = await program.start().addCallback(view);
      await proc.run("go");
    }),
  );
  expect(forbiddenOnTerminal(stream.bytes)).toEqual([]);
  expect(await stream.text()).toMatch(/^ {2}demo ␛\[31mred␛.* {2}“ hello$/m);
});

test.for([0, 1, 2, Number.NaN, undefined, 1e9])(
  "on a terminal that says it has %s columns, text shows",
  async (columns) => {
    const someone = person();
    const { input, output } = someone;
    const stream = Object.create(output, { columns: { value: columns }, rows: { value: columns } }) as typeof output;
    const proc = await programOf([{ text: "I echo it.", toolCalls: [{ name: "echo", args: { text: "loud" } }] }, {}])
      .start()
      .addCallback(approval({ tools: "*", input, output: stream, color: false }))
      .addCallback(consoleLog({ stream, color: false }));
    const run = proc.run("go");
    await someone.sees(/“ I echo it\.\n\? echo {2}[\s\S]*│ text: loud\n[\s\S]*Run it\? >$/);
    someone.types("y");
    await run;
    const lines = (await output.lines()).map((line) => line.trimEnd());
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}✓ echo /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}work +2 turns/));
  },
);
