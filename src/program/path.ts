/** Where a value stands: `["tools", "builtin", 0, "name"]`. */
export type Path = readonly (string | number)[];

/** As people read it: `[tools] builtin[0].name` of a file, `tools[0].name` of options in code. */
export function showPath(path: Path, form: "file" | "code"): string {
  if (form === "code") return showKeys(path);
  const [section, ...keys] = path;
  if (section === undefined) return "The file";
  const header = `[${showKey(section)}]`;
  return keys.length === 0 ? header : `${header} ${showKeys(keys)}`;
}

/** Short, in one line, without control characters. */
export function showKey(key: string | number): string {
  const whole = String(key);
  const short = whole.length > 60 ? `${whole.slice(0, 60)}…` : whole;
  return /^[\p{L}\p{N}_…-]+$/u.test(short) ? short : JSON.stringify(short).replace(/\p{C}/gu, "\uFFFD");
}

/** The path of a file: whole, unless it is longer than any that there can be. */
export function showFile(path: string): string {
  return path.length > LONGEST_FILE ? `${path.slice(0, LONGEST_FILE)}…` : path;
}

const LONGEST_FILE = 1_000;

function showKeys(path: Path): string {
  let shown = "";
  for (const key of path) {
    if (typeof key === "number") shown += `[${key}]`;
    else shown += shown === "" ? showKey(key) : `.${showKey(key)}`;
  }
  return shown;
}
