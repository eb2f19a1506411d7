import type { JsonObject, JsonValue } from "../../src/json.ts";
import { mulberry32 } from "../support/mulberry32.ts";
import type { CutAnswer } from "./cut-server.ts";
import type { StreamFormat } from "./stream-format.ts";
import { bytesOf } from "./stream-format.ts";

/** A good reply that was damaged; the same seed damages it in the same way. (Faults, row 10.) */
export function damagedReply(format: StreamFormat, seed: number): CutAnswer {
  const pick = picker(seed);
  const json = "application/json";
  switch (pick(8)) {
    case 0:
    case 1:
    case 2:
      return { contentType: json, body: bytes(JSON.stringify(damagedTree(format.reply, pick))) };
    case 3:
      return { contentType: json, body: damagedBytes(bytes(JSON.stringify(format.reply)), pick) };
    case 4:
      return { contentType: EVENTS, body: damagedBytes(bytesOf(format.stream), pick) };
    case 5:
      return { contentType: EVENTS, body: bytes(shuffled(format, pick).join("")) };
    default:
      return { contentType: EVENTS, body: bytes(damagedEvents(format, pick).join("")) };
  }
}

const EVENTS = "text/event-stream";

type Pick = (limit: number) => number;

function picker(seed: number): Pick {
  const random = mulberry32(seed);
  return (limit) => Math.floor(random() * limit);
}

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

/** What stands in a place where something else was expected. */
const STRANGERS: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  "",
  " ",
  "text",
  "\u0000\ud800",
  [],
  [null],
  [[]],
  {},
  { type: "brand_new", text: 5 },
  { __proto__x: {}, constructor: 1 },
];

/** One to three places of a tree, changed. */
function damagedTree(value: JsonValue, pick: Pick): JsonValue {
  let tree = value;
  for (let changes = 1 + pick(3); changes > 0; changes--) tree = damagedOnce(tree, pick);
  return tree;
}

function damagedOnce(value: JsonValue, pick: Pick): JsonValue {
  const isList = Array.isArray(value);
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  // The deeper, the likelier: at a leaf always, at the top hardly ever.
  if (keys.length === 0 || pick(7) === 0) return STRANGERS[pick(STRANGERS.length)] ?? null;
  const key = keys[pick(keys.length)] ?? "";
  if (isList) {
    const list = [...(value as readonly JsonValue[])];
    const place = Number(key);
    const kind = pick(8);
    if (kind === 0) list.splice(place, 1);
    else if (kind === 1) list.splice(place, 0, list[place] ?? null);
    else list[place] = damagedOnce(list[place] ?? null, pick);
    return list;
  }
  // A border post: what is no list and has keys is an object.
  const { [key]: item, ...rest } = value as JsonObject;
  if (pick(8) === 0) return rest;
  return { ...rest, [key]: damagedOnce(item ?? null, pick) };
}

/** The data of one or two events, damaged as trees. */
function damagedEvents(format: StreamFormat, pick: Pick): string[] {
  const events = format.stream.map(({ raw }) => raw);
  for (let changes = 1 + pick(2); changes > 0; changes--) {
    const place = pick(events.length);
    events[place] = (events[place] ?? "").replace(/^data: (\{.*)$/m, (_line, data: string) => {
      return `data: ${JSON.stringify(damagedTree(JSON.parse(data) as JsonValue, pick))}`;
    });
  }
  return events;
}

/** Events that are missing, doubled or out of order. */
function shuffled(format: StreamFormat, pick: Pick): string[] {
  const events = format.stream.map(({ raw }) => raw);
  for (let changes = 1 + pick(3); changes > 0; changes--) {
    const place = pick(events.length);
    const kind = pick(3);
    if (kind === 0) events.splice(place, 1);
    else if (kind === 1) events.splice(place, 0, events[place] ?? "");
    else events.splice(pick(events.length), 0, ...events.splice(place, 1));
  }
  return events;
}

/** Bytes that are missing, doubled, changed or put in: bad UTF-8 among them. */
function damagedBytes(good: Buffer, pick: Pick): Buffer {
  let whole = good;
  for (let changes = 1 + pick(3); changes > 0; changes--) {
    const start = pick(whole.length);
    const end = Math.min(whole.length, start + pick(20));
    const middle = whole.subarray(start, end);
    const put = [
      Buffer.alloc(0),
      Buffer.concat([middle, middle]),
      Buffer.of(0xff),
      Buffer.of(pick(256)),
      bytes("<html>"),
    ];
    whole = Buffer.concat([whole.subarray(0, start), put[pick(put.length)] ?? middle, whole.subarray(end)]);
  }
  return whole;
}
