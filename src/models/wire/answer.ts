import { toError } from "../../errors.ts";
import type { Reply } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import type { AnswerIO, AnswerReader } from "./answer-reader.ts";
import { AnyAnswer } from "./any-answer.ts";
import { eachChunk } from "./each-chunk.ts";
import type { HttpAnswer } from "./http-post.ts";
import { ListenerFault } from "./streamed-answer.ts";
import { withUsage } from "./wire-error.ts";
import { BrokenOff } from "./wire-format.ts";

/**
 * The reply in an answer, streamed or whole. What goes wrong before it is whole carries what was billed until then;
 * what goes wrong later is no fault, and told beside the reply where the vendor tells it.
 * @throws ModelError; what `onText` throws, as it is
 */
export async function readAnswer(answer: HttpAnswer, io: AnswerIO): Promise<Reply> {
  const { connection } = io;
  const reader = new AnyAnswer(answer.headers, io);
  let complaint: string | undefined;
  try {
    await eachChunk(await answer.body(), answer.headers.get("content-type") ?? "", (text) => reader.add(text));
    await reader.end();
  } catch (thrown) {
    if (thrown instanceof ListenerFault) throw thrown.thrown;
    if (!reader.whole || connection.runIsAborted) throw await failed(thrown, reader, io);
    if (thrown instanceof BrokenOff) complaint = toError(io.toError(thrown)).message;
  }
  try {
    const reply = reader.result();
    return complaint === undefined ? reply : { ...reply, complaint };
  } catch (thrown) {
    throw await failed(thrown, reader, io);
  }
}

/** What was said before it failed is not lost, whether it was streamed or not. */
async function failed(thrown: unknown, reader: AnswerReader, io: AnswerIO): Promise<unknown> {
  const error = billed(io.toError(thrown), reader);
  const { unheard } = reader;
  if (unheard !== "" && !io.connection.runIsAborted) await io.onText(unheard);
  return error;
}

function billed(error: unknown, { usage, whole }: AnswerReader): unknown {
  return error instanceof ModelError ? withUsage(error, usage, !whole) : error;
}
