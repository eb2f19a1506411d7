/**
 * A language model object of the AI SDK, as far as it is used here: any of `LanguageModelV4`, `V3` and `V2` fits.
 * (https://ai-sdk.dev/providers/ai-sdk-providers)
 */
export interface AiSdkModel {
  /** `"v2"` to `"v4"`. */
  readonly specificationVersion: string;
  /** The provider's own name for itself: `"google.generative-ai"`. */
  readonly provider: string;
  readonly modelId: string;
  doStream(options: AiSdkCallOptions): PromiseLike<AiSdkStreamed>;
  doGenerate(options: AiSdkCallOptions): PromiseLike<object>;
}

export interface AiSdkStreamed {
  readonly stream: AiSdkStream;
  readonly response?: { readonly headers?: Readonly<Record<string, string>> | undefined } | undefined;
}

/** What a model object is called with, next to the settings that the parameters add. */
export interface AiSdkCallOptions {
  readonly prompt: readonly object[];
  readonly tools?: readonly object[] | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly providerOptions?: object | undefined;
  readonly abortSignal?: AbortSignal | undefined;
}

/** A `ReadableStream`, whichever library has typed it. */
export interface AiSdkStream {
  getReader(): AiSdkReader;
}

export interface AiSdkReader {
  read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
  cancel(): Promise<unknown>;
}

/** Makes a model object whose requests go through `fetch`. */
export type AiSdkModelMaker = (fetch: typeof globalThis.fetch) => AiSdkModel;

/** The forms of a model's input that are told apart: the third differs from the second in nothing that is used here. */
export type AiSdkForm = "v3" | "v4";

export function isAiSdkModel(value: unknown): value is AiSdkModel {
  if (typeof value !== "object" || value === null) return false;
  const has = (key: string, type: string) => typeof Reflect.get(value, key) === type;
  return has("specificationVersion", "string") && has("modelId", "string") && has("doStream", "function");
}
