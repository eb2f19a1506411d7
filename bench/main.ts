import { coldRows } from "./cold.ts";
import { dispatchRows } from "./dispatch.ts";
import { limitRows } from "./limits.ts";
import { loopRows } from "./loop.ts";
import { forkRows, manyRows } from "./many.ts";
import type { Row } from "./measure.ts";
import { startUpRows } from "./start-up.ts";
import { wireRows } from "./wire.ts";

/** Prints every figure beside a floor that was measured in the same run. */
const parts: readonly (() => Row[] | Promise<Row[]>)[] = [
  dispatchRows,
  loopRows,
  manyRows,
  forkRows,
  coldRows,
  limitRows,
  startUpRows,
  wireRows,
];
console.log(`Node ${process.version}. A ratio is ours against the floor beside it; both come from this run.\n`);
for (const part of parts) {
  for (const { what, floor, ours, ratio, more = "" } of await part()) {
    console.log(
      `${what.padEnd(44)} ${floor.padStart(9)} → ${ours.padStart(9)}  ${ratio.toFixed(2).padStart(6)}×  ${more}`,
    );
  }
}
