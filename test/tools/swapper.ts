// Swaps a file and a folder of the root for links to the outside and back, as fast as it can, until its parent ends
// it. Takes the root and the outside folder; says when it has begun.
import { renameSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";

const [, , root = "", outside = ""] = process.argv;

function swap(name: string, target: string): void {
  const path = join(root, name);
  renameSync(path, `${path}.kept`);
  symlinkSync(target, path);
  unlinkSync(path);
  renameSync(`${path}.kept`, path);
}

process.stdout.write("swapping\n");
for (;;) {
  swap("folder", outside);
  swap("swapped.txt", join(outside, "swapped.txt"));
}
