import { LLMProcError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import type { TokenUsage } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import { errorText, rootCause } from "../../text/error-text.ts";
import { factsOf } from "../error-facts.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Connection } from "./connection.ts";
import { oneLine, parsedBody } from "./error-body.ts";
import type { Asked } from "./failure.ts";
import { answerFailure, disconnected, refused, refusedText, silent, withAdvice } from "./failure.ts";
import { Lost } from "./lost.ts";
import { StatusAnswer } from "./status-answer.ts";
import { TooLarge } from "./too-large.ts";
import type { WireFormat } from "./wire-format.ts";
import type { WireRequest } from "./wire-request.ts";

/** Whom a request goes to, and how it speaks. */
export interface WireTarget extends Omit<Asked, "hide"> {
  readonly format: WireFormat;
}

export interface WireErrorContext {
  readonly target: WireTarget;
  readonly request: Pick<WireRequest, "added" | "additions">;
  readonly connection: Connection;
  readonly secrets: Secrets;
}

/**
 * What to throw for what the connection, a format or a fault of ours threw: the reason of the abort if the run was
 * aborted, otherwise a `ModelError`, or what is no matter of the model's at all.
 */
export function wireError(thrown: unknown, context: WireErrorContext): unknown {
  const { connection } = context;
  if (connection.runIsAborted) return connection.abortReason;
  return thrown instanceof LLMProcError ? thrown : modelError(thrown, context);
}

function modelError(thrown: unknown, context: WireErrorContext): ModelError {
  const { connection, target, secrets } = context;
  const asked: Asked = { ...target, hide: (text) => secrets.inError(text) };
  if (thrown instanceof Lost) {
    const { timedOutAfterMs } = connection;
    const isSilence = timedOutAfterMs !== undefined && !thrown.neverConnected;
    return isSilence ? silent(asked, timedOutAfterMs, LONGER) : disconnected(asked, rootCause(thrown), thrown.cause);
  }
  const failure = answerFailure(asked, thrown, (answer) => usageIn(answer, target));
  if (failure !== undefined) return failure;
  if (thrown instanceof StatusAnswer) return statusError(thrown, asked, context);
  if (thrown instanceof TooLarge) {
    return new ModelError(`${target.vendor}'s reply was given up: ${thrown.message}.`, { shouldRetry: false });
  }
  const message = `llmproc failed with a request to ${target.vendor}, which is a fault of its own: ${oneLine(errorText(thrown))}`;
  return new ModelError(message, { shouldRetry: false, cause: thrown });
}

/** For servers that load a model, or read a long prompt, before they answer. */
const LONGER = "Where it may take longer, raise [model] idle_timeout_ms (idleTimeoutMs in code).";

/** The same error, with what was billed: all of it, or as far as the answer came. */
export function withUsage(error: ModelError, known: TokenUsage | undefined, usageIsPartial: boolean): ModelError {
  const usage = known ?? error.usage;
  return new ModelError(error.message, { ...factsOf(error), usage, usageIsPartial, cause: error.cause });
}

/** The same error, after an answer had begun with a status of success: whatever it says, the request was taken. */
export function afterAcceptance(error: unknown): unknown {
  if (!(error instanceof ModelError) || error.accepted) return error;
  return new ModelError(error.message, { ...factsOf(error), accepted: true, cause: error.cause });
}

/** Some tell it within the error. */
function usageIn(answer: unknown, { format }: WireTarget): TokenUsage | undefined {
  const body: unknown = Array.isArray(answer) ? answer[0] : answer;
  if (!isJsonObject(body)) return undefined;
  return format.usage(body) ?? (isJsonObject(body.error) ? format.usage(body.error) : undefined);
}

function statusError(answer: StatusAnswer, asked: Asked, { target, request }: WireErrorContext): ModelError {
  const { status, headers, body, url } = answer;
  const refusal = { status, headers, body, url };
  const said = parsedBody(body);
  const usage = usageIn(said, target);
  const isRefused = status === 400 || status === 422;
  const left = isRefused ? request.additions.refusedBy(request.added, said) : undefined;
  if (left === undefined) return refused(asked, refusal, { usage });
  const message = withAdvice(
    refusedText(asked, refusal),
    `From now on "${left}", which you have not set, is left out.`,
  );
  return new ModelError(message, { status, usage, isAdapted: true });
}
