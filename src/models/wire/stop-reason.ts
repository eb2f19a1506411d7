import type { JsonValue } from "../../json.ts";
import type { Reply } from "../../process/contract/model.ts";

/**
 * What a provider's word for why its model stopped means. `pause`: the model wants to go on, by getting its message back.
 * `failed`: there is no reply, whatever came before it.
 */
export type StopMeaning = Exclude<Reply["stopReason"], "other"> | "pause" | "failed";

/**
 * The one list of the words that APIs have for why a model stopped, for every format and every server that speaks it.
 * Servers have words of their own beside those of the format, and gateways pass on the words of the vendor behind them:
 * so each word means the same wherever it comes from, in whatever case, and with or without what joins its parts.
 * The first line that fits holds; a word of which nobody knows what it means fits none.
 *
 * (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons,
 * https://ai.google.dev/api/generate-content#FinishReason, https://api-docs.deepseek.com,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, https://docs.z.ai, https://docs.cohere.com)
 */
const MEANINGS: readonly (readonly [StopMeaning, RegExp])[] = [
  ["end", /^(stop|stopped|stop(sequence|word|token|string|criteriamet)|end|ended|endturn|endof(turn|text|sequence))$/],
  ["end", /^(eos|eog|eot|eom|eos(token|found)|eotid|imend|complete|completed|finish|finished|done|success|natural)$/],
  ["tool_use", /^(tool|function)(use|call)s?$/],
  ["pause", /^(pause|pauseturn|compaction)$/],
  // Cohere's: too long, and not a failure of the server.
  ["max_tokens", /^errorlimit$/],
  ["failed", /malformed|unexpectedtool|missingthought|abort|cancel|timeout|timelimit|ratelimit|insufficient|interrupt/],
  ["failed", /overload|unavailable|disconnect|exception|fail|error(?!toxic)/],
  ["refusal", /refus|safety|unsafe|filter|moderat|guardrail|block|prohibited|sensitive|recitation|toxic|spii|policy/],
  ["refusal", /^(language|modelarmor)$/],
  [
    "max_tokens",
    /length|max(output|completion|new|total)?token|maxlen|tokenlimit|outputlimit|contextwindow|contextlimit/,
  ],
  ["max_tokens", /^(incomplete|limit|truncated)$/],
];

/** Undefined for a word that nobody knows, and where there is none. */
export function stopMeaning(word: JsonValue | undefined): StopMeaning | undefined {
  const bare = stopWord(word)
    ?.toLowerCase()
    .replace(/[^a-z]/g, "")
    .replace(/^finishreason/, "");
  return MEANINGS.find(([, words]) => bare !== undefined && words.test(bare))?.[0];
}

/** Whether it says that what came is not all, or nothing. */
export function tellsPart(word: JsonValue | undefined): boolean {
  const meaning = stopMeaning(word);
  return meaning === "max_tokens" || meaning === "refusal" || meaning === "failed";
}

/**
 * Of two words for the end of one reply, told one after the other: the one that makes less of it. What was cut, refused or
 * failed is not made whole by a proxy that ends its stream in its own way.
 */
export function laterStop(before: JsonValue | undefined, later: JsonValue | undefined): JsonValue | undefined {
  if (stopWord(later) === undefined) return before ?? later;
  return doubtOf(before) > doubtOf(later) ? before : later;
}

function doubtOf(word: JsonValue | undefined): number {
  if (stopWord(word) === undefined) return 0;
  const meaning = stopMeaning(word);
  if (meaning === undefined) return 2;
  return { end: 1, tool_use: 1, pause: 1, max_tokens: 3, refusal: 4, failed: 5 }[meaning];
}

/**
 * The word itself, without blanks around it; undefined where there is none. Some servers write out that there is none yet, or say it by 0 or false;
 * a list or an object is read as the words in it.
 */
export function stopWord(word: JsonValue | undefined): string | undefined {
  if (typeof word === "object" && word !== null) return JSON.stringify(word).slice(0, MOST_SHOWN);
  if (typeof word !== "string") return undefined;
  const bare = word.trim();
  return /^(null|none|undefined)?$/i.test(bare) ? undefined : bare;
}

/**
 * Why a reply ended. Where its server does not say it, in a word, what arrived may be a part: also where it has calls, whose
 * arguments parse.
 */
export function stopOf(
  word: JsonValue | undefined,
  { hasCalls, refuses = false }: { readonly hasCalls: boolean; readonly refuses?: boolean },
): Pick<Reply, "stopReason" | "stopDetail"> {
  const meaning = stopMeaning(word);
  const detail = stopWord(word);
  if (meaning === "max_tokens" || meaning === "refusal") {
    return { stopReason: meaning, ...(detail !== undefined && !USUAL.has(detail) && { stopDetail: detail }) };
  }
  if (meaning === undefined && detail !== undefined) return { stopReason: "other", stopDetail: detail };
  if (refuses) return { stopReason: "refusal" };
  if (meaning === undefined) return { stopReason: "other" };
  return { stopReason: meaning === "pause" || hasCalls ? "tool_use" : "end" };
}

/** Whether what arrived may be a part, so that nothing follows from what is not there. */
export function isCutShort({ stopReason }: Pick<Reply, "stopReason">): boolean {
  return stopReason !== "end" && stopReason !== "tool_use";
}

/** In characters, of a word that is none. */
const MOST_SHOWN = 100;

/** They say no more than the stop reason itself. */
const USUAL: ReadonlySet<string> = new Set([
  "length",
  "max_tokens",
  "max_output_tokens",
  "incomplete",
  "content_filter",
  "refusal",
]);
