import type { JsonObject } from "../../json.ts";
import type { Model } from "../../process/contract/model.ts";
import { Secrets } from "../secrets/secrets.ts";
import { USUAL_IDLE_MS } from "../wire/timeouts.ts";
import type { AiSdkForm, AiSdkModel } from "./ai-sdk-model.ts";
import { AiSdkRequest } from "./ai-sdk-request.ts";
import { aiSdkCalls } from "./call-options.ts";
import type { CallParameters } from "./call-parameters.ts";
import { callParameters } from "./call-parameters.ts";
import { environmentKeys } from "./known-secrets.ts";
import type { ModelSource } from "./model-source.ts";

interface SourceSenderOptions {
  readonly provider: string;
  readonly name: string;
  readonly idleTimeoutMs: number | undefined;
  /** Asked for at each attempt. */
  readonly open: () => ModelSource | Promise<ModelSource>;
  /** Where its requests go, without secrets. @default the host that is asked */
  readonly address?: string | undefined;
  /** What to do where the vendor does not let the user in, as a sentence. */
  readonly keyAdvice: () => string;
  /** What it is configured with that nobody may read where it comes back. @default nothing */
  readonly secrets?: Secrets;
  /** What the package is given as options of its own. @default `provider_options` of the parameters */
  readonly toProviderOptions?: (parameters: CallParameters) => JsonObject | undefined;
}

/** Sends by the model objects of a source. */
export function sourceSender(options: SourceSenderOptions): Model["send"] {
  const { provider, name, idleTimeoutMs = USUAL_IDLE_MS, open, address, secrets = new Secrets() } = options;
  const { toProviderOptions = (parameters: CallParameters) => parameters.providerOptions } = options;
  const toCall = { v3: aiSdkCalls("v3", provider), v4: aiSdkCalls("v4", provider) };
  return async (conversation, io) => {
    io.signal.throwIfAborted();
    const { streams, headers, rest, ...parameters } = callParameters(conversation.parameters);
    const providerOptions = toProviderOptions({ ...parameters, streams, headers, rest });
    const source = await open();
    io.signal.throwIfAborted();
    secrets.note(environmentKeys(provider));
    secrets.note({ headers });
    const settings = source.isObserved ? {} : rest;
    const facts = { provider, name, address, keyAdvice: options.keyAdvice(), secrets };
    const request = new AiSdkRequest({ ...facts, idleTimeoutMs, source, io, inBody: rest, streams });
    return request.run((model) => toCall[formOf(model)](conversation, { headers, providerOptions, settings }));
  };
}

/** Specifications to come are taken as the newest that is known. */
function formOf({ specificationVersion }: AiSdkModel): AiSdkForm {
  return specificationVersion === "v2" || specificationVersion === "v3" ? "v3" : "v4";
}
