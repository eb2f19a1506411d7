const MAX_ISSUES = 8;
const MAX_TEXT = 300;

/** One thing that is wrong with a call's arguments. */
export interface ArgumentIssue {
  /** The way to the field, from the outside in; empty for the arguments as a whole. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One line for the model: which fields are wrong and what was expected there. */
export function argumentProblem(issues: readonly ArgumentIssue[]): string {
  const shown = issues.slice(0, MAX_ISSUES).map(({ path, message }) => cut(`${fieldPath(path)}${message}`));
  const more = issues.length - shown.length;
  return `The arguments do not fit: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** For a schema that itself cannot be applied: the call cannot be made right, and the model should know. */
export function schemaProblem(thrown: unknown): string {
  let reason = "it threw";
  if (thrown instanceof Error) reason = thrown.message.split("\n", 1)[0] ?? reason;
  return cut(`The arguments cannot be checked: the tool's own schema fails on them (${reason}).`);
}

function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number" || /^\d+$/.test(String(key))) text += `[${String(key)}]`;
    else if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(String(key))) text += text === "" ? String(key) : `.${String(key)}`;
    else text += `[${JSON.stringify(String(key))}]`;
  }
  return text === "" ? "" : `${text}: `;
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text;
}
