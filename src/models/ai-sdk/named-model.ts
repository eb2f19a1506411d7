import type { Model } from "../../process/contract/model.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { NamedModelOptions } from "./named-model-options.ts";
import type { PackagedProvider } from "./packaged-provider.ts";

/**
 * A model of a provider whose AI SDK package the user has installed. The package is loaded at the first request.
 * @throws LLMProcError `program_invalid` for a base URL or header that cannot be used
 */
export function namedModel(provider: PackagedProvider, options: NamedModelOptions): Model {
  const { name } = options;
  const place = options.baseUrl === undefined ? undefined : baseURLOf(options.baseUrl, { name });
  const to = destination(place, options);
  return lazyModel({
    provider: provider.name,
    name,
    bound: provider.bound,
    load: async () => (await import("./named-sender.ts")).namedSender(provider, { ...options, ...to }),
  });
}
