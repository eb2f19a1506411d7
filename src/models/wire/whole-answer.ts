import { describe } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { isJsonObject } from "../../json.ts";
import { parseJson } from "../../process/contract/exact-json.ts";
import type { Reply, TokenUsage } from "../../process/contract/model.ts";
import type { AnswerIO, AnswerReader } from "./answer-reader.ts";
import { tellsFailure } from "./error-body.ts";
import { LINGER_MS } from "./streamed-answer.ts";
import { TooLarge } from "./too-large.ts";
import { BrokenOff, Unreadable } from "./wire-format.ts";

export interface WholeAnswerOptions {
  readonly contentType: string;
  /** The answer says how long it is: then it is not whole before. */
  readonly hasLength: boolean;
}

/** A reply that comes as one JSON text. */
export class WholeAnswer implements AnswerReader {
  readonly #io: AnswerIO;
  readonly #options: WholeAnswerOptions;
  #text = "";
  #tried = 0;
  #whole = false;
  /** Known at the end. */
  #answer: JsonObject | undefined;

  constructor(io: AnswerIO, options: WholeAnswerOptions) {
    this.#io = io;
    this.#options = options;
  }

  get whole(): boolean {
    return this.#whole;
  }

  get usage(): TokenUsage | undefined {
    return this.#answer && this.#io.target.format.usage(this.#answer);
  }

  get unheard(): string {
    return this.#answer === undefined ? "" : this.#io.target.format.texts(this.#answer).join("");
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > MAX_LENGTH) throw new TooLarge("it", MAX_LENGTH);
    if (this.#whole || this.#options.hasLength || !/[\]}]\s*$/.test(text.slice(-100))) return;
    // Some servers leave the connection open behind the reply. Texts that end like that by chance are few.
    this.#tried += this.#text.length;
    if (this.#tried > MAX_LENGTH || parsed(this.#text) === undefined) return;
    this.#whole = true;
    this.#io.connection.endWithin(LINGER_MS);
  }

  end(): void {}

  result(): Reply {
    const answer = parsed(this.#text);
    if (isJsonObject(answer)) {
      this.#answer = answer;
      this.#whole = true;
    }
    if (tellsFailure(answer) !== undefined) throw new BrokenOff(answer);
    if (isJsonObject(answer)) return this.#io.target.format.reply(answer);
    const { contentType } = this.#options;
    const type = contentType === "" ? "no content type" : describe(contentType);
    throw new Unreadable(`the answer (${type}) is no message`, this.#text);
  }
}

/** In characters. */
const MAX_LENGTH = 64_000_000;

function parsed(text: string): unknown {
  try {
    return parseJson(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}
