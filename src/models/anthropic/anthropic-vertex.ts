import type { Model, RequestBound } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { destination } from "../wire/destination.ts";
import { lazyModel } from "../wire/lazy-model.ts";
import type { EitherSpelling, ModelFunction } from "../wire/model-options.ts";
import { modelOptions } from "../wire/model-options.ts";
import type { AnthropicVertexOptions } from "./vertex-options.ts";

/**
 * A model of Anthropic's on Google's Vertex AI. Google's own package signs in, which the user installs
 * (`npm install google-auth-library`). In all else it is like `anthropic()`.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function anthropicVertex(given: EitherSpelling<AnthropicVertexOptions>): Model {
  const options = modelOptions(FUNCTION, given);
  const { name } = options;
  const place = options.baseURL === undefined ? undefined : baseURLOf(options.baseURL, { name });
  const to = destination(place, options);
  return lazyModel({
    provider: "anthropic_vertex",
    name,
    bound: (payload, counted) => withPlace(PROVIDERS.anthropic_vertex.bound(payload, counted), options.region),
    load: async () => (await import("./vertex-sender.ts")).vertexSender({ ...options, ...to }),
  });
}

const FUNCTION: ModelFunction<AnthropicVertexOptions> = {
  name: "anthropicVertex",
  kinds: {
    name: "text",
    projectId: "text",
    region: "text",
    baseURL: "text",
    headers: "table",
    automaticCaching: "flag",
    idleTimeoutMs: "milliseconds",
    authClient: "object",
  },
  required: ["name"],
};

/** Regions cost more than the list says. (https://platform.claude.com/docs/en/about-claude/pricing) */
function withPlace(bound: RequestBound, region: string | undefined): RequestBound {
  const place = region ?? process.env.CLOUD_ML_REGION ?? "";
  return place === "global" ? bound : { ...bound, offList: [...bound.offList, `region = "${place}"`] };
}
