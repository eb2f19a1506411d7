import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { Secrets } from "../secrets/secrets.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import type { Destination } from "../wire/destination.ts";
import { USUAL_IDLE_MS } from "../wire/timeouts.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import { wireSender } from "../wire/wire-sender.ts";
import type { AnthropicOptions } from "./anthropic-options.ts";
import { anthropicFormat } from "./format.ts";
import { anthropicRequests } from "./request.ts";

export function anthropicSender(options: AnthropicOptions & Destination): Model["send"] {
  const { name, place, headers, automaticCaching = true, idleTimeoutMs = USUAL_IDLE_MS } = options;
  const { apiKey, apiKeyEnv = PROVIDERS.anthropic.apiKeyEnvs[0] } = options;
  const { href, host, address } = place;
  return wireSender({
    target: {
      vendor: host === "api.anthropic.com" ? "Anthropic" : host,
      format: anthropicFormat,
      name,
      address,
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: anthropicRequests({
      vendor: "Anthropic",
      leading: Object.freeze({ model: name }),
      caching: automaticCaching ? "request" : "none",
    }),
    connect: async () => {
      const key = apiKeyOf({ name, apiKey, apiKeyEnv });
      return wireClient({
        url: () => href,
        headers: [VERSION, bearer(key), headers],
        secrets: new Secrets({ keys: [key], headers, url: options.baseURL }),
      });
    },
  });
}

/** Of the API, as the vendor's own SDK asks for it. (https://platform.claude.com/docs/en/api/versioning) */
const VERSION = { "anthropic-version": "2026-10-21" };
