import type { Stats } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, open, readlink, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { ToolFailure } from "./tool-failure.ts";

const MAX_PATH = 4_096;

/** Their files are the kernel's and the devices': reading them can block, never end, or change something. */
const SPECIAL_FOLDERS = ["/proc", "/sys", "/dev"];

/** A file or folder inside the root, open. */
export interface InsideRoot {
  readonly handle: FileHandle;
  readonly stats: Stats;
  /** Where the operating system says that the open file is; on Linux a path that stays with it whatever is renamed. */
  readonly path: string;
}

/**
 * Opens a file or folder that lies inside the root by the real path of both. Links may lead about inside the root
 * but not out of it, and what is swapped while this runs is noticed after the file is open. The caller closes.
 *
 * On Linux the kernel says where the open file is, so no swap gets past it. Elsewhere (no `/proc`) the path is looked
 * up again and must still be the same file: a link that stays is refused, but a program that swaps in a tight loop
 * inside the root can get past that.
 *
 * @throws ToolFailure if it is outside, missing, of another kind, or cannot be opened
 */
export async function openInside(root: string, path: string, kind: "file" | "folder"): Promise<InsideRoot> {
  if (path === "" || path.includes("\0") || path.length > MAX_PATH) {
    throw new ToolFailure(`${shownPath(path)} is not a path. Give one relative to the root folder, such as ".".`);
  }
  const realRoot = await realpath(root).catch((cause: unknown) => {
    throw new ToolFailure("The folder that this tool may read cannot be opened.", { cause });
  });
  // By name first, so that nothing is told about what exists outside.
  const target = resolve(root, path);
  if (!within(resolve(root), target) && !within(realRoot, target)) throw outside(path);
  try {
    const real = await realpath(target);
    checkPlace(realRoot, real, path);
    checkKind(await lstat(real), kind, path);
    const handle = await open(real, openFlags(kind));
    return await verify(handle, { realRoot, target, path, kind });
  } catch (thrown) {
    throw thrown instanceof ToolFailure ? thrown : systemFailure(thrown, path, kind);
  }
}

/** A path as a message shows it: quoted, and short. */
export function shownPath(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200).toWellFormed()}…` : path);
}

interface Wanted {
  readonly realRoot: string;
  readonly target: string;
  readonly path: string;
  readonly kind: "file" | "folder";
}

async function verify(handle: FileHandle, { realRoot, target, path, kind }: Wanted): Promise<InsideRoot> {
  try {
    const stats = await handle.stat();
    checkKind(stats, kind, path);
    const link = `/proc/self/fd/${handle.fd}`;
    const opened = await readlink(link).catch(() => undefined);
    if (opened !== undefined) {
      checkPlace(realRoot, opened, path);
      return { handle, stats, path: link };
    }
    const real = await realpath(target);
    checkPlace(realRoot, real, path);
    const now = await lstat(real);
    if (now.dev !== stats.dev || now.ino !== stats.ino) throw outside(path);
    return { handle, stats, path: real };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

/** Not to wait for the other end of a pipe, not to follow a link that was just put there. */
function openFlags(kind: "file" | "folder"): number {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW, O_NOCTTY, O_DIRECTORY } = constants;
  return O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | (kind === "folder" ? O_DIRECTORY : 0);
}

function checkPlace(realRoot: string, real: string, path: string): void {
  if (!within(realRoot, real)) throw outside(path);
  const special = SPECIAL_FOLDERS.find((folder) => within(folder, real) && !within(folder, realRoot));
  if (special !== undefined) throw new ToolFailure(`${shownPath(path)} is in ${special}, which is not read.`);
}

function checkKind(stats: Stats, kind: "file" | "folder", path: string): void {
  if (kind === "file" ? stats.isFile() : stats.isDirectory()) return;
  let found = "a device, pipe or socket";
  if (stats.isDirectory()) found = "a folder";
  else if (stats.isFile()) found = "a file";
  else if (stats.isSymbolicLink()) found = "a link";
  throw new ToolFailure(`${shownPath(path)} is ${found}, not a ${kind}.`);
}

function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function outside(path: string): ToolFailure {
  return new ToolFailure(`${shownPath(path)} is outside the root folder. Only what is inside it can be read.`);
}

function systemFailure(cause: unknown, path: string, kind: string): ToolFailure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: `There is no ${kind} ${shownPath(path)}.`,
    ENOTDIR: `There is no ${kind} ${shownPath(path)}: a part of the path is not a folder.`,
    ELOOP: `${shownPath(path)} is a link that leads back to itself, or was just replaced by a link.`,
    EACCES: `${shownPath(path)} may not be read: permission denied.`,
    EPERM: `${shownPath(path)} may not be read: permission denied.`,
    ENAMETOOLONG: `${shownPath(path)} is too long a name.`,
  };
  return new ToolFailure(reasons[code] ?? `${shownPath(path)} cannot be read (${code}).`, { cause });
}
