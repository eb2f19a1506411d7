import { eachChunk } from "./each-chunk.ts";
import type { AnswerHeaders, HttpAnswer } from "./http-post.ts";
import { Lost } from "./lost.ts";
import { Unreadable } from "./wire-format.ts";

/** An answer with a status that says no. */
export class StatusAnswer extends Error {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Its beginning, if all of it would be too much, or did not come. */
  readonly body: string;
  /** Where the request went. */
  readonly url: string;

  constructor({ status, headers, url }: HttpAnswer, body: string) {
    super(`status ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.url = url;
  }
}

/** The status holds, whatever becomes of the body: a wrong key is not to be tried again because a line broke. */
export async function statusAnswer(answer: HttpAnswer): Promise<StatusAnswer> {
  let text = "";
  const enough = new Error("enough");
  let timer: NodeJS.Timeout | undefined;
  try {
    const body = await answer.body();
    timer = setTimeout(() => body.destroy(enough), MAX_MS);
    await eachChunk(body, answer.headers.get("content-type") ?? "", (piece) => {
      text += piece.slice(0, MAX_LENGTH - text.length);
      if (text.length === MAX_LENGTH) throw enough;
    });
  } catch (thrown) {
    if (thrown !== enough && !(thrown instanceof Lost || thrown instanceof Unreadable)) throw thrown;
  } finally {
    clearTimeout(timer);
  }
  return new StatusAnswer(answer, text);
}

/** In characters: more than anybody reads. */
const MAX_LENGTH = 64_000;

/** The words of a failure come with its status, or not at all. */
const MAX_MS = 2000;
