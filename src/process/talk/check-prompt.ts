import type { ErrorCode } from "../../errors.ts";
import { describe, LLMProcError } from "../../errors.ts";
import type { Prompt, PromptBlock } from "../../events/message.ts";
import { deepCopy, deepFreeze, isJsonObject, wellFormed } from "../../json.ts";
import { readable } from "../contract/read-options.ts";
import { isTooDeep } from "./bounded-reply.ts";

/**
 * The prompt's own frozen copy: its texts well formed, an image at a `data:` URL as its data.
 * @throws LLMProcError `run_invalid` for an empty prompt, and for a block that no model could be sent
 */
export function checkPrompt(prompt: Prompt): Prompt {
  const own: unknown = readable("The prompt", () => wellFormed(deepCopy(prompt)));
  if (typeof own === "string" && own.trim() !== "") return own;
  if (!Array.isArray(own) || own.length === 0) {
    const problem = `A prompt is a text that is not empty, or a list of blocks, not ${describe(prompt)}.`;
    throw new LLMProcError("run_invalid", problem);
  }
  if (isTooDeep(own)) throw new LLMProcError("run_invalid", "The prompt is nested too deep, or refers to itself.");
  // A border post: `Array.isArray` gives `any[]` for what is unknown.
  const blocks = (own as readonly unknown[]).map((block, index) =>
    checkedBlock(block, `Block ${index + 1} of the prompt`, "run_invalid"),
  );
  if (isBlank(blocks)) throw new LLMProcError("run_invalid", "The prompt has nothing but blank text in its blocks.");
  return deepFreeze(blocks);
}

export function blocksOf(prompt: Prompt): readonly PromptBlock[] {
  return typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt;
}

/** Whether there is nothing in blocks that an API would be sent. */
export function isBlank(blocks: readonly PromptBlock[]): boolean {
  return blocks.every((block) => block.type === "text" && block.text.trim() === "");
}

/** A block as every model could be sent it; `code` is that of the error if it is none, `place` how it is called there. */
export function checkedBlock(block: unknown, place: string, code: ErrorCode): PromptBlock {
  const invalid = (problem: string) => new LLMProcError(code, problem);
  if (!isJsonObject(block)) throw invalid(`${place} must be an object with a "type", not ${describe(block)}.`);
  const { type, text, url, ...rest } = block;
  switch (type) {
    case "text":
      if (typeof text !== "string") throw invalid(`${place} (text) needs "text", a string, not ${describe(text)}.`);
      return { ...rest, type, text };
    case "image":
      if (url !== undefined) return imageAt(url, `${place} (image)`, invalid);
      return { ...rest, type, ...checkedData(block, { place: `${place} (image)`, or: ', or a "url"', invalid }) };
    case "file":
      if (block.name !== undefined && typeof block.name !== "string") {
        throw invalid(`${place} (file) needs a string as its "name", not ${describe(block.name)}.`);
      }
      return { ...rest, type, ...checkedData(block, { place: `${place} (file)`, or: "", invalid }) };
    default:
      throw invalid(`${place} has the type ${describe(type)}. There are "text", "image" and "file".`);
  }
}

interface Data {
  readonly mediaType: string;
  readonly data: string;
}

interface Fault {
  readonly place: string;
  /** What else could be given. */
  readonly or: string;
  readonly invalid: (problem: string) => LLMProcError;
}

/** Blanks and line breaks within base64 are taken out: not every API takes them. */
function checkedData({ mediaType, data }: Readonly<Record<string, unknown>>, { place, or, invalid }: Fault): Data {
  if (typeof mediaType !== "string" || !mediaType.includes("/")) {
    throw invalid(`${place} needs a "mediaType" such as "image/png"${or}; its mediaType is ${describe(mediaType)}.`);
  }
  if (typeof data !== "string" || data === "") {
    const given = typeof data === "object" && data !== null ? `an object (${data.constructor?.name})` : describe(data);
    throw invalid(`${place} needs "data", a base64 string${or}; its data is ${given}.`);
  }
  if (/^data:/i.test(data)) throw invalid(`${place} needs "data" in base64 alone: leave out what begins with "data:".`);
  return { mediaType, data: base64In(data, { place, invalid }) };
}

function base64In(data: string, { place, invalid }: Pick<Fault, "place" | "invalid">): string {
  const text = /\s/.test(data) ? data.replace(/\s+/g, "") : data;
  if (text !== "" && text.length % 4 === 0 && BASE64.test(text)) return text;
  const what = 'Give it in base64, as `buffer.toString("base64")` does.';
  const odd = /[^A-Za-z0-9+/=]/.exec(text);
  if (odd === null) throw invalid(`${place} has data that is no base64: it is not padded, or cut short. ${what}`);
  throw invalid(
    `${place} has data that is no base64: ${JSON.stringify(odd[0])} at character ${odd.index + 1}. ${what}`,
  );
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The addresses at which an API can look, its own stores among them. */
const ADDRESSES: ReadonlySet<string> = new Set(["https:", "http:", "gs:", "s3:"]);

function imageAt(url: unknown, place: string, invalid: Fault["invalid"]): PromptBlock {
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw invalid(`${place} needs a whole URL as its "url", such as "https://…", not ${describe(url)}.`);
  }
  const { protocol } = new URL(url);
  if (ADDRESSES.has(protocol)) return { type: "image", url };
  if (protocol !== "data:") {
    const what = 'Give a URL that begins with https:// or data:, or its bytes as "data" in base64.';
    throw invalid(`${place} is at ${describe(url)}, where no API can look. ${what}`);
  }
  const comma = url.indexOf(",");
  const [mediaType = "", ...parameters] = url.slice("data:".length, Math.max(comma, 0)).split(";");
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === "base64";
  const body = url.slice(comma + 1);
  const data =
    isBase64 && body.trim() !== ""
      ? base64In(unescaped(body), { place, invalid })
      : Buffer.from(unescaped(body)).toString("base64");
  if (comma !== -1 && mediaType.includes("/") && data !== "") return { type: "image", mediaType, data };
  throw invalid(`${place} needs a data: URL such as "data:image/png;base64,…", not ${describe(url)}.`);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
