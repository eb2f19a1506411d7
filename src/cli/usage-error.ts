/** What was typed cannot be done: exit code 2, and a line about the help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
