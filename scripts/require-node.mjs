// Says in one line why the commands of this project cannot run. Plain old JavaScript: it runs under any Node.
import { existsSync, readFileSync } from "node:fs";

const projectUrl = new URL("../package.json", import.meta.url);
const needed = process.argv[2] || JSON.parse(readFileSync(projectUrl, "utf8")).engines.node.replace(/[^\d.]/g, "");
const [neededMajor, neededMinor] = needed.split(".").map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  const why = existsSync(new URL("../node_modules/node/bin/node", import.meta.url))
    ? "Start it with `npm run`, which uses the Node that `npm ci` installed."
    : "The development Node is missing (was it `npm ci --ignore-scripts`?): run `npm ci`.";
  console.error(`This needs Node ${needed} or later, and runs under ${process.version}. ${why}`);
  process.exit(1);
}
