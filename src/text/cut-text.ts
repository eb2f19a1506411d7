import { counted, cutNote } from "./cut-note.ts";

/**
 * The beginning and the end of a text, at most `maxCharacters` long. The mark between them says how much is missing,
 * and with `reference` where the whole is. The result holds on to nothing of the long text.
 */
export function cutText(text: string, maxCharacters: number, reference?: string): string {
  if (text.length <= maxCharacters) return text;
  const room = Math.max(maxCharacters - noteOf(text.length, text.length, reference).length, 0);
  const start = startOf(text, Math.ceil(room / 2));
  const end = endOf(text, Math.floor(room / 2));
  const missing = text.length - start.length - end.length;
  const note = noteOf(missing, lineBreaks(text, start.length, text.length - end.length), reference);
  // Not `+`, whose result would keep the long text in memory for as long as its parts are used.
  return [start, note, end].join("");
}

/** At most so many characters from the start; a pair of surrogates is not cut in two. */
export function startOf(text: string, characters: number): string {
  return text.slice(0, isInsidePair(text, characters) ? characters - 1 : characters);
}

function endOf(text: string, characters: number): string {
  const from = text.length - characters;
  return text.slice(isInsidePair(text, from) ? from + 1 : from);
}

function isInsidePair(text: string, place: number): boolean {
  return (text.charCodeAt(place - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(place) & 0xfc00) === 0xdc00;
}

function noteOf(characters: number, breaks: number, reference: string | undefined): string {
  const lines = breaks === 0 ? "" : ` with ${counted(breaks, "line break")}`;
  return `\n${cutNote(`${counted(characters, "character")}${lines} are missing here`, reference)}\n`;
}

function lineBreaks(text: string, start: number, end: number): number {
  let count = 0;
  for (let place = text.indexOf("\n", start); place >= 0 && place < end; place = text.indexOf("\n", place + 1)) count++;
  return count;
}
