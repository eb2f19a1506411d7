import type { Reply, TokenUsage } from "../../process/model.ts";
import type { AnswerIO, AnswerReader } from "./answer.ts";
import { answerTimeoutMs } from "./answer-timeout.ts";
import type { AnswerHeaders } from "./http-post.ts";
import { StreamedAnswer } from "./streamed-answer.ts";
import { TooLarge } from "./too-large.ts";
import { WholeAnswer } from "./whole-answer.ts";

type Kind = "stream" | "text";

/** An answer, streamed or whole: what the body is decides, whatever it is labelled and whatever was asked for. */
export class AnyAnswer implements AnswerReader {
  readonly #io: AnswerIO;
  readonly #contentType: string;
  readonly #hasLength: boolean;
  #beginning = "";
  #length = 0;
  #reader: AnswerReader | undefined;

  constructor(headers: AnswerHeaders, io: AnswerIO) {
    this.#io = io;
    this.#contentType = headers.get("content-type") ?? "";
    this.#hasLength = headers.get("content-length") !== null;
    this.#waitFor(this.#labelled);
  }

  get whole(): boolean {
    return this.#reader?.whole ?? false;
  }

  get usage(): TokenUsage | undefined {
    return this.#reader?.usage;
  }

  get unheard(): string {
    return this.#reader?.unheard ?? "";
  }

  add(text: string): void | Promise<void> {
    this.#io.connection.alive();
    this.#length += text.length;
    if (this.#length > MAX_LENGTH) throw new TooLarge("it", MAX_LENGTH);
    if (this.#reader !== undefined) return this.#reader.add(text);
    this.#beginning = (this.#beginning + text).replace(/^[\ufeff\s]+/, "");
    const kind = kindOf(this.#beginning, this.#labelled);
    return kind === undefined ? undefined : this.#begin(kind).add(this.#beginning);
  }

  async end(): Promise<void> {
    if (this.#reader === undefined) await this.#begin(this.#labelled).add(this.#beginning);
    await this.#reader?.end();
  }

  result(): Reply {
    return (this.#reader ?? this.#begin(this.#labelled)).result();
  }

  get #labelled(): Kind {
    return /\bevent-stream\b/i.test(this.#contentType) ? "stream" : "text";
  }

  #begin(kind: Kind): AnswerReader {
    const whole = { contentType: this.#contentType, hasLength: this.#hasLength };
    this.#reader = kind === "stream" ? new StreamedAnswer(this.#io) : new WholeAnswer(this.#io, whole);
    if (kind !== this.#labelled) this.#waitFor(kind);
    return this.#reader;
  }

  #waitFor(kind: Kind): void {
    const { connection, idleTimeoutMs } = this.#io;
    connection.waitFor(kind === "stream" ? idleTimeoutMs : answerTimeoutMs(idleTimeoutMs));
  }
}

/** In characters: several times what the longest replies take. */
const MAX_LENGTH = 256_000_000;

/** What a body is by its beginning; undefined where more must come to tell. */
function kindOf(beginning: string, labelled: Kind): Kind | undefined {
  if (/^[[{"<]/.test(beginning)) return "text";
  if (/^(:|(data|event|id|retry)[ \t]*[:\r\n])/.test(beginning)) return "stream";
  return beginning.length < 8 && /^([deir]\w*)?$/.test(beginning) ? undefined : labelled;
}
