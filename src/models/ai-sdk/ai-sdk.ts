import { LLMProcError } from "../../errors.ts";
import type { Model } from "../../process/contract/model.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { AiSdkModel, AiSdkModelMaker } from "./ai-sdk-model.ts";
import { fixedModel, madeModels } from "./model-source.ts";
import { packagedProvider, usualKeyEnvs } from "./packaged-provider.ts";

export interface AiSdkOptions {
  /** Prices are looked up by it. @default the model object's own */
  readonly provider?: string;
  /** How long a stream may be silent, in milliseconds, before the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

/**
 * A model of an AI SDK package. Given a function, it has the package's requests go through the `fetch` that the
 * function gets: `api_request` shows the exact body, and `[parameters]` are put into it as they are. The function is
 * called once, and again for each request that is under way at the same time. Given a model object, whose `fetch`
 * nobody can see, `api_request` shows the call options that it gets, and the parameters are among those. It streams,
 * unless the parameters say `stream = false`, and never retries.
 *
 * @example
 * aiSdk((fetch) => createGoogleGenerativeAI({ fetch })("gemini-3.5-flash"))
 * @throws LLMProcError `program_invalid` for what is neither, or a silence that cannot be kept, `model_unavailable` for a model object of AI SDK 4
 */
export function aiSdk(model: AiSdkModel | AiSdkModelMaker, options: AiSdkOptions = {}): Model {
  const source = typeof model === "function" ? madeModels(model) : fixedModel(model);
  const { modelId: name, provider: own } = source.first;
  const { provider = own, idleTimeoutMs } = options;
  if (!source.isObserved && idleTimeoutMs !== undefined && idleTimeoutMs > NODE_MS) throw tooLong(idleTimeoutMs);
  // Of a model object, nobody sees the body.
  const bound = source.isObserved ? packagedProvider(provider)?.bound : undefined;
  const keyAdvice = () => objectKeyAdvice(own);
  return lazyModel({
    provider,
    name,
    bound,
    load: async () => {
      const { sourceSender } = await import("./source-sender.ts");
      return sourceSender({ provider, name, idleTimeoutMs, open: () => source, keyAdvice });
    },
  });
}

/** How long Node's own `fetch`, which model objects use, lets a server be silent. */
const NODE_MS = 300_000;

function tooLong(idleTimeoutMs: number): LLMProcError {
  const message = `The idleTimeoutMs of aiSdk() cannot be ${idleTimeoutMs} for a model object: Node's fetch, which it uses, gives up after 300 s. Have it made with another: aiSdk((fetch) => …).`;
  return new LLMProcError("program_invalid", message);
}

/** `provider` is the model object's own name for it. */
function objectKeyAdvice(provider: string): string {
  const variables = usualKeyEnvs(provider);
  const empty = variables.find((variable) => process.env[variable]?.trim() === "");
  if (empty !== undefined)
    return `The environment variable ${empty} is empty: set it, or make the model object with an apiKey.`;
  const or = variables.length === 0 ? "" : `, or the environment variable ${variables.join(" or ")}`;
  return `Check the apiKey that the model object was made with${or}.`;
}
