import { isJsonObject } from "../../json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import type { AnswerIO, AnswerReader } from "./answer-reader.ts";
import type { AnswerHeaders } from "./http-post.ts";
import { asEvents, EVENT, isStreamEvent } from "./stream-event.ts";
import { StreamedAnswer } from "./streamed-answer.ts";
import { answerTimeoutMs } from "./timeouts.ts";
import { TooLarge } from "./too-large.ts";
import { WholeAnswer } from "./whole-answer.ts";

/** `lines`: a stream of JSON, each event in a line of its own. */
type Kind = "stream" | "text" | "lines";

/** An answer, streamed or whole: what the body is decides, whatever it is labelled and whatever was asked for. */
export class AnyAnswer implements AnswerReader {
  readonly #io: AnswerIO;
  readonly #contentType: string;
  readonly #hasLength: boolean;
  #beginning = "";
  #length = 0;
  #reader: AnswerReader | undefined;
  #isLines = false;

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
    if (this.#reader !== undefined) return this.#reader.add(this.#isLines ? asEvents(text) : text);
    this.#beginning = (this.#beginning + text).replace(/^(?:[\ufeff\s]+|<!--[\s\S]*?-->)+/, "");
    const kind = kindOf(this.#beginning, this.#labelled);
    return kind === undefined ? undefined : this.#begin(kind);
  }

  async end(): Promise<void> {
    if (this.#reader === undefined) await this.#begin(/^[{<]/.test(this.#beginning) ? "text" : this.#labelled);
    await this.#reader?.end();
  }

  result(): Reply {
    return this.#readerFor(this.#labelled).result();
  }

  get #labelled(): Kind {
    return /\bevent-stream\b/i.test(this.#contentType) ? "stream" : "text";
  }

  #begin(kind: Kind): void | Promise<void> {
    this.#isLines = kind === "lines";
    if (kind !== this.#labelled) this.#waitFor(kind);
    return this.#readerFor(kind).add(this.#isLines ? EVENT + asEvents(this.#beginning) : this.#beginning);
  }

  #readerFor(kind: Kind): AnswerReader {
    const whole = { contentType: this.#contentType, hasLength: this.#hasLength };
    this.#reader ??= kind === "text" ? new WholeAnswer(this.#io, whole) : new StreamedAnswer(this.#io);
    return this.#reader;
  }

  #waitFor(kind: Kind): void {
    const { connection, idleTimeoutMs } = this.#io;
    connection.waitFor(kind === "text" ? answerTimeoutMs(idleTimeoutMs) : idleTimeoutMs);
  }
}

/** In characters: several times what the longest replies take. */
const MAX_LENGTH = 256_000_000;

/** What a body is by its beginning; undefined where more must come to tell. */
function kindOf(beginning: string, labelled: Kind): Kind | undefined {
  const mayTell = beginning.length < MAX_BEGINNING;
  if (mayTell && /^<(!(-(-|$)|$)|$)/.test(beginning)) return undefined;
  if (beginning.startsWith("{")) return kindOfObject(beginning, mayTell);
  if (/^[["<]/.test(beginning)) return "text";
  if (/^(:|(data|event|id|retry)[ \t]*[:\r\n])/.test(beginning)) return "stream";
  return beginning.length < 8 && /^([deir]\w*)?$/.test(beginning) ? undefined : labelled;
}

/** In characters: as long as that, more is waited for where it may tell. */
const MAX_BEGINNING = 8000;

/** The first line tells: a whole answer may have it in common with an event, but is no event by itself. */
function kindOfObject(beginning: string, mayTell: boolean): Kind | undefined {
  const end = beginning.indexOf("\n");
  const line = end === -1 ? beginning : beginning.slice(0, end);
  const isOver = end !== -1 || /\}\s*$/.test(line);
  if (!isOver) return mayTell ? undefined : "text";
  if (!EVENT_MARK.test(line)) return "text";
  const parsed = parsedLine(line);
  if (isJsonObject(parsed)) return isStreamEvent(parsed) ? "lines" : "text";
  return end === -1 && mayTell ? undefined : "text";
}

/** What most whole answers have nowhere: so they need not be parsed to see it. */
const EVENT_MARK = /"(chat\.completion\.chunk|delta|message_start|ping|response\.\w+)"/;

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
