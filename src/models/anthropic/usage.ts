import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/contract/model.ts";
import { laterUsage, tokenCount } from "../wire/token-count.ts";

/**
 * The counts of a `usage` object; undefined where they are missing or make no sense. Its totals leave out what the model
 * did beside its answer, such as a summary of the conversation: that is in the list of `iterations` alone.
 * (https://platform.claude.com/docs/en/build-with-claude/compaction)
 */
export function anthropicUsage(usage: JsonValue | undefined): TokenUsage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const total = countsOf(usage);
  const each = iterationsOf(usage).map(countsOf);
  if (total === undefined || !each.every((counts) => counts !== undefined)) return undefined;
  const most = (kind: keyof Counts) =>
    Math.max(
      total[kind],
      each.reduce((sum, counts) => sum + counts[kind], 0),
    );
  const [cacheReadTokens, cacheWriteTokens, cacheWrite1hTokens] = [most("read"), most("write"), most("write1h")];
  const details = isJsonObject(usage.output_tokens_details) ? usage.output_tokens_details : {};
  const reasoningTokens = tokenCount(details.thinking_tokens);
  return Object.freeze({
    inputTokens: most("fresh") + cacheReadTokens + cacheWriteTokens,
    outputTokens: most("output"),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    cacheReadTokens,
    cacheWriteTokens,
    ...(cacheWrite1hTokens > 0 && { cacheWrite1hTokens }),
  });
}

/** Why the rates of the list do not hold. (https://platform.claude.com/docs/en/about-claude/pricing) */
export function otherRate({ usage, model }: JsonObject): string | undefined {
  if (!isJsonObject(usage)) return undefined;
  const { service_tier: tier, speed, inference_geo: geo } = usage;
  if (typeof tier === "string" && tier !== "standard") return `the service tier "${tier}"`;
  if (typeof speed === "string" && speed !== "standard") return `the speed "${speed}"`;
  if (geo === "us") return `inference in "us" only`;
  for (const { model: other } of iterationsOf(usage)) {
    if (typeof other === "string" && other !== model) return `a part by the model "${other}"`;
  }
  return undefined;
}

export function searchFee(usage: JsonValue | undefined): string | undefined {
  const tools = isJsonObject(usage) && isJsonObject(usage.server_tool_use) ? usage.server_tool_use : {};
  const searches = tokenCount(tools.web_search_requests) ?? 0;
  return searches === 0 ? undefined : `${searches} web searches`;
}

/** The counts that the events of a stream tell. What the first of them has as output is only a beginning. */
export class StreamedUsage {
  #usage: JsonObject | undefined;
  #hasOutput = false;

  /** As far as it was told. */
  get soFar(): JsonValue | undefined {
    return this.#usage;
  }

  /** Undefined if the output of the whole message was never told. */
  get ofWhole(): JsonValue | undefined {
    return this.#hasOutput ? this.#usage : undefined;
  }

  start(usage: JsonValue | undefined): void {
    const known = laterUsage(usage, this.#usage);
    this.#usage = isJsonObject(known) ? known : undefined;
  }

  /**
   * Input that is all zeros says nothing. Otherwise its counts belong together: what is read from the cache later on
   * is not fresh any more.
   */
  go(usage: JsonValue | undefined): void {
    if (!isJsonObject(usage)) return;
    const { output_tokens: output } = usage;
    const isFirstOutput = !this.#hasOutput && output !== undefined && output !== null;
    this.#hasOutput ||= isFirstOutput;
    const hasInput = INPUT.some((key) => typeof usage[key] === "number" && usage[key] !== 0);
    const zeros = INPUT.filter((key) => hasInput && usage[key] === 0).map((key) => [key, 0] as const);
    const known = laterUsage(this.#usage, usage);
    if (!isJsonObject(known)) return;
    this.#usage = { ...known, ...Object.fromEntries(zeros), ...(isFirstOutput && { output_tokens: output }) };
  }
}

const INPUT = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];

interface Counts {
  readonly fresh: number;
  readonly output: number;
  readonly read: number;
  readonly write: number;
  readonly write1h: number;
}

function countsOf(usage: JsonObject): Counts | undefined {
  const creation = isJsonObject(usage.cache_creation) ? usage.cache_creation : {};
  const fresh = tokenCount(usage.input_tokens);
  const output = tokenCount(usage.output_tokens);
  const read = tokenCount(usage.cache_read_input_tokens ?? 0);
  const write = tokenCount(usage.cache_creation_input_tokens ?? 0);
  const write1h = tokenCount(creation.ephemeral_1h_input_tokens ?? 0);
  if (fresh === undefined || output === undefined) return undefined;
  if (read === undefined || write === undefined || write1h === undefined) return undefined;
  return { fresh, output, read, write, write1h };
}

function iterationsOf({ iterations }: JsonObject): readonly JsonObject[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  return Array.isArray(iterations) ? (iterations as readonly JsonValue[]).filter(isJsonObject) : [];
}
