// Reads program files of many shapes and says which cost more than their size:
//
//   node --max-old-space-size=120 test/program/file-cost.ts '{ "suspects": false, "seeds": [1, 20], "whole": true }'
//
// A process of its own, since what is too slow would never come back, and so that the heap can be bounded.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LLMProgram } from "../../src/program/llm-program.ts";
import { ProgramError } from "../../src/program/program-error.ts";
import type { FileShape } from "./file-shapes.ts";
import { FILE_SHAPES, randomShape, SUSPECTS } from "./file-shapes.ts";

interface Options {
  /** Only the shapes that were once too slow. */
  readonly suspects: boolean;
  /** Random shapes, by the first and the last of their seeds. */
  readonly seeds: readonly [first: number, last: number];
  /** Whether each is also read at the largest size that a file may have. */
  readonly whole: boolean;
}

const SMALL = 40_000;
const LARGE = 4 * SMALL;
const WHOLE = 1_048_000;
/** Where cost goes by size it is 4, where it goes by the square of the size 16. */
const MOST_RATIO = 9;
const TRIES = 6;

const directory = mkdtempSync(join(tmpdir(), "llmproc-cost-"));
try {
  const { suspects, seeds, whole } = JSON.parse(process.argv[2] ?? "{}") as Options;
  const random = Array.from({ length: seeds[1] - seeds[0] + 1 }, (_item, index) => randomShape(seeds[0] + index));
  const thought = suspects ? FILE_SHAPES.filter(({ name }) => SUSPECTS.has(name)) : FILE_SHAPES;
  console.log(JSON.stringify(faultsOf([...thought, ...random], whole)));
} finally {
  rmSync(directory, { recursive: true });
}

function faultsOf(shapes: readonly FileShape[], whole: boolean): readonly string[] {
  const ordinary = { toml: ordinaryMs("toml"), yaml: ordinaryMs("yaml") };
  return shapes.flatMap((shape) => {
    try {
      const ratio = growth(shape, ordinary[shape.ending]);
      if (whole) costMs(shape, WHOLE);
      return ratio > MOST_RATIO ? [`${shape.name}: four times the size costs ${ratio.toFixed(1)} times as much`] : [];
    } catch (error) {
      return [`${shape.name}: ${String(error)}`];
    }
  });
}

/** What four times the size costs. What disturbs a measurement makes it longer, so the least of several counts. */
function growth(shape: FileShape, ordinaryMs: number): number {
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  let ratio = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && ratio > MOST_RATIO; tries++) {
    small = Math.min(small, costMs(shape, SMALL));
    large = Math.min(large, costMs(shape, LARGE));
    // Less than an ordinary file costs is nothing.
    ratio = large / Math.max(small, ordinaryMs);
  }
  return ratio;
}

function ordinaryMs(ending: FileShape["ending"]): number {
  const ordinary = FILE_SHAPES.find((each) => each.ending === ending && each.name.endsWith("keys of a section"));
  if (ordinary === undefined) throw new Error(`There is no such shape for ${ending}.`);
  return Math.min(...Array.from({ length: 2 * TRIES }, () => costMs(ordinary, SMALL)));
}

/** The processor's time, in milliseconds: what others do on the machine is not in it. */
function costMs(shape: FileShape, characters: number): number {
  const file = join(directory, `program.${shape.ending}`);
  writeFileSync(file, shape.text(characters));
  const before = process.cpuUsage();
  try {
    LLMProgram.fromFile(file);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    if (error.message.length > 50_000) throw new Error(`a message of ${error.message.length} characters`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
