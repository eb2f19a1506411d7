import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Model } from "../../process/model.ts";
import { aiSdkBound } from "../bounds/ai-sdk-bound.ts";
import { Secrets } from "../wire/secrets.ts";
import type { AiSdkForm, AiSdkModel, AiSdkModelMaker } from "./ai-sdk-model.ts";
import { Attempt } from "./attempt.ts";
import { aiSdkCalls } from "./call-options.ts";
import type { CallParameters } from "./call-parameters.ts";
import { callParameters } from "./call-parameters.ts";
import { environmentKeys } from "./known-secrets.ts";
import type { ModelSource } from "./model-source.ts";
import { fixedModel, madeModels } from "./model-source.ts";
import { usualKeyEnvs } from "./provider-names.ts";

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
  const bound = source.isObserved ? aiSdkBound(provider) : undefined;
  return modelOfSource({
    provider,
    name,
    idleTimeoutMs,
    bound,
    open: () => source,
    keyAdvice: () => objectKeyAdvice(own),
    secrets: new Secrets(),
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

export interface SourcedModelOptions {
  readonly provider: string;
  readonly name: string;
  readonly idleTimeoutMs: number | undefined;
  readonly bound: Model["bound"];
  /** Asked for at each attempt. */
  readonly open: () => ModelSource | Promise<ModelSource>;
  /** Where its requests go, without secrets. @default the host that is asked */
  readonly address?: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: () => string;
  /** What it is configured with that nobody may read where it comes back. */
  readonly secrets: Secrets;
  /** What the package is given as options of its own. @default `provider_options` of the parameters */
  readonly toProviderOptions?: (parameters: CallParameters) => JsonObject | undefined;
}

export function modelOfSource(options: SourcedModelOptions): Model {
  const { provider, name, idleTimeoutMs = 60_000, bound, open, address, secrets } = options;
  const { toProviderOptions = (parameters: CallParameters) => parameters.providerOptions } = options;
  const toCall = { v3: aiSdkCalls("v3", provider), v4: aiSdkCalls("v4", provider) };
  return Object.freeze<Model>({
    provider,
    name,
    ...(bound !== undefined && { bound }),
    async send(conversation, io) {
      io.signal.throwIfAborted();
      const { streams, headers, rest, ...parameters } = callParameters(conversation.parameters);
      const providerOptions = toProviderOptions({ ...parameters, streams, headers, rest });
      const source = await open();
      io.signal.throwIfAborted();
      secrets.note(environmentKeys(provider));
      secrets.note({ headers });
      const settings = source.isObserved ? {} : rest;
      const facts = { provider, name, address, keyAdvice: options.keyAdvice(), secrets };
      const attempt = new Attempt({ ...facts, idleTimeoutMs, source, io, inBody: rest, streams });
      return attempt.run((model) => toCall[formOf(model)](conversation, { headers, providerOptions, settings }));
    },
  });
}

/** Specifications to come are taken as the newest that is known. */
function formOf({ specificationVersion }: AiSdkModel): AiSdkForm {
  return specificationVersion === "v2" || specificationVersion === "v3" ? "v3" : "v4";
}
