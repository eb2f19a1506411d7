/**
 * A regular expression of a JSON Schema as one that JavaScript takes with the flag `u`, which JSON Schema asks for and
 * the validator sets. Many that are around were written without: `^https\:\/\/`, `a{,3}`. Undefined if it is none in
 * either way.
 */
export function unicodePattern(pattern: string): string | undefined {
  if (isExpression(pattern, "u")) return pattern;
  if (!isExpression(pattern, "")) return undefined;
  const strict = rewritten(pattern);
  return isExpression(strict, "u") ? strict : undefined;
}

function isExpression(pattern: string, flags: string): boolean {
  try {
    return new RegExp(pattern, flags) instanceof RegExp;
  } catch {
    return false;
  }
}

/** An escape, a quantifier, the brackets of a class, a brace, or any other character. */
const PIECE = /\\c[A-Za-z]|\\x[\da-f]{2}|\\u[\da-f]{4}|\\[\s\S]|\{\d+(?:,\d*)?\}|[\s\S]/gi;
/** What a backslash may stand before where the flag is set. */
const ESCAPABLE = /^\\(?:[\^$\\.*+?()[\]{}|/dDwWsSbBfnrtvk1-9]|0|c.|x..|u....)$/;

/** Without the flag, a backslash before anything else and a bracket without its partner mean the character itself. */
function rewritten(pattern: string): string {
  let inClass = false;
  let strict = "";
  for (const [piece] of pattern.matchAll(PIECE)) {
    if (piece.startsWith("\\"))
      strict += ESCAPABLE.test(piece) || (inClass && piece === "\\-") ? piece : piece.slice(1);
    else if (inClass) {
      inClass = piece !== "]";
      strict += piece === "[" ? "\\[" : piece;
    } else if (piece === "{" || piece === "}" || piece === "]") strict += `\\${piece}`;
    else {
      inClass = piece === "[";
      strict += piece;
    }
  }
  return strict;
}
