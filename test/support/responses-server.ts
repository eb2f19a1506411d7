import type { WireAnswer, WireAnswers, WireEvent, WireServer, WireVoice } from "./wire-server.ts";
import { pieces, wireServer } from "./wire-server.ts";

/** A response; what is missing is filled in. */
export interface ResponsesScript {
  readonly output?: readonly Readonly<Record<string, unknown>>[] | null;
  readonly status?: string;
  readonly usage?: Readonly<Record<string, unknown>> | null;
  readonly [key: string]: unknown;
}

export type ResponsesAnswer = WireAnswer<ResponsesScript>;

/**
 * How OpenAI says a response. A server of our own says it: `aimock` does not say why a response is incomplete, has no
 * details of usage, and cannot cut a stream at a given byte.
 */
export const responsesVoice: WireVoice<ResponsesScript> = {
  whole: wholeResponse,
  events: responsesEvents,
  encode: responsesStream,
};

/** A server on 127.0.0.1 that speaks the Responses API and answers from a list. */
export function responsesServer(answers: WireAnswers<ResponsesScript>): Promise<WireServer> {
  return wireServer(responsesVoice, answers);
}

export function wholeResponse({ output = [], usage, ...rest }: ResponsesScript): WireEvent {
  return {
    id: "resp_1",
    object: "response",
    created_at: 1,
    status: "completed",
    error: null,
    incomplete_details: null,
    model: "gpt-test",
    output,
    service_tier: "default",
    ...(usage !== null && {
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 15,
        ...usage,
      },
    }),
    ...rest,
  };
}

/** The events that such a response streams as. */
export function responsesEvents(script: ResponsesScript, pieceLength = 4): WireEvent[] {
  const whole = wholeResponse(script);
  const { status } = whole;
  const start = { ...whole, status: "in_progress", output: [], usage: null };
  const items = (script.output ?? []).flatMap((item, place) => itemEvents(item, place, pieceLength));
  const last = { type: `response.${String(status)}`, response: whole };
  return [
    { type: "response.created", response: start },
    { type: "response.in_progress", response: start },
    ...items,
    last,
  ].map((event, sequence_number) => ({ ...event, sequence_number }));
}

function responsesStream(events: readonly WireEvent[]): string {
  return events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

type Item = Readonly<Record<string, unknown>>;

function itemEvents(item: Item, output_index: number, pieceLength: number): WireEvent[] {
  const at = { output_index, item_id: item.id };
  const content = (item.content ?? []) as Item[];
  return [
    { type: "response.output_item.added", output_index, item: { ...item, content: [], arguments: "" } },
    ...(item.type === "message"
      ? content.flatMap((part, place) => partEvents(part, { ...at, content_index: place }, pieceLength))
      : []),
    ...(typeof item.arguments === "string"
      ? [
          ...pieces(item.arguments, pieceLength).map((delta) => ({
            type: "response.function_call_arguments.delta",
            ...at,
            delta,
          })),
          { type: "response.function_call_arguments.done", ...at, arguments: item.arguments },
        ]
      : []),
    { type: "response.output_item.done", output_index, item },
  ];
}

function partEvents(part: Item, at: object, pieceLength: number): WireEvent[] {
  const kind = part.type === "refusal" ? "refusal" : "output_text";
  const text = part.type === "refusal" ? part.refusal : part.text;
  return [
    { type: "response.content_part.added", ...at, part: { ...part, text: "" } },
    ...pieces(String(text), pieceLength).map((delta) => ({ type: `response.${kind}.delta`, ...at, delta })),
    { type: `response.${kind}.done`, ...at },
    { type: "response.content_part.done", ...at, part },
  ];
}
