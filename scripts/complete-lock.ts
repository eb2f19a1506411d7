// Names in package-lock.json what npm leaves out of it: the platform packages of other systems. Without them
// `npm ci` fails ("Missing: … from lock file") wherever the registry does not offer every platform.
import { readFileSync, writeFileSync } from "node:fs";

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const FILE = "package-lock.json";
const PLATFORM = /(android|darwin|linux|win32|freebsd|openharmony|aix|netbsd|openbsd|sunos)-([a-z0-9]+)(?:-([a-z]+))?$/;

const lock = JSON.parse(readFileSync(FILE, "utf8")) as { packages: Record<string, LockEntry> };
const { "": root = {}, ...packages } = lock.packages;
for (const [where, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (packages[path] ?? packages[`${where}/${path}`]) continue;
    packages[path] = platformEntry(name, version, entry.dev);
    console.log(`added ${name} ${version}`);
  }
}
const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en"));
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: { "": root, ...Object.fromEntries(sorted) } }, null, 2)}\n`);

function platformEntry(name: string, version: string, dev: boolean | undefined): LockEntry {
  const [, os, cpu, abi] = PLATFORM.exec(name) ?? [];
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name} ${version} is missing from ${FILE}, and its name does not say for which platform it is.`);
  }
  const libc = os === "linux" && abi !== undefined ? { libc: [abi.startsWith("musl") ? "musl" : "glibc"] } : {};
  return { version, cpu: [cpu], ...(dev === true && { dev }), ...libc, optional: true, os: [os] };
}
