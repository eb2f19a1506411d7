import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, toJson } from "../../json.ts";
import { Unreadable } from "../wire/wire-format.ts";

/** What a model object has answered, as plain JSON, however it arrived. */
export interface AiSdkResult {
  readonly content: readonly JsonObject[];
  readonly finishReason: JsonValue | undefined;
  readonly usage: JsonValue | undefined;
  readonly providerMetadata: JsonValue | undefined;
  /** Id, model and time, where the provider tells them. */
  readonly response: JsonObject;
  readonly warnings: JsonValue;
}

/** The result of `doGenerate`. @throws Unreadable if it is none */
export function generatedResult(value: unknown): AiSdkResult {
  if (!isJsonObject(value) || !Array.isArray(value.content)) throw new Unreadable("it has no list of content", value);
  const { content, finishReason, usage, providerMetadata, response, warnings = [] } = value;
  const { id, modelId, timestamp } = isJsonObject(response) ? response : {};
  return {
    // A border post: `Array.isArray` gives `any[]` for a read-only list.
    content: (content as readonly unknown[]).map(contentPart),
    finishReason: finishReason === undefined ? undefined : toJson(finishReason),
    usage: usage === undefined ? undefined : toJson(usage),
    providerMetadata: providerMetadata === undefined ? undefined : toJson(providerMetadata),
    response: toJson({ id, modelId, timestamp }) as JsonObject,
    warnings: toJson(warnings),
  };
}

/** A part of a reply as frozen JSON, its bytes in base64. @throws Unreadable if it is no object */
export function contentPart(part: unknown): JsonObject {
  if (!isJsonObject(part)) throw new Unreadable("a part of its content is not an object", part);
  const value = toJson(withTextData(part));
  if (isJsonObject(value)) return value;
  if (part.type === "tool-call" && typeof part.input === "object") return contentPart({ ...part, input: TOO_DEEP });
  throw new Unreadable("a part of its content is not JSON", part);
}

/** In place of an input that cannot be walked through: whoever reads it says that it is no JSON. */
const TOO_DEEP = "[arguments that are nested too deep]";

/** Files come as base64 or as bytes, in the data itself or one table deeper. */
function withTextData(part: JsonObject): object {
  const data: unknown = part.data;
  if (data instanceof Uint8Array) return { ...part, data: base64(data) };
  const inner: unknown = isJsonObject(data) ? data.data : undefined;
  return inner instanceof Uint8Array ? { ...part, data: { ...(data as object), data: base64(inner) } } : part;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
