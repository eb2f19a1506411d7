import type { Model } from "../../process/contract/model.ts";
import { PROVIDERS } from "../providers.ts";
import { Secrets } from "../secrets/secrets.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import type { Destination } from "../wire/destination.ts";
import { USUAL_IDLE_MS } from "../wire/timeouts.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import type { WireFormat } from "../wire/wire-format.ts";
import { wireSender } from "../wire/wire-sender.ts";
import { ResponsesAssembly } from "./assembly.ts";
import type { OpenAIOptions } from "./openai-options.ts";
import { responsesReply, responsesTexts, responsesUsage } from "./reply.ts";
import { responsesRequests } from "./request.ts";

export function openaiSender(options: OpenAIOptions & Destination): Model["send"] {
  const { name, place, headers, idleTimeoutMs = USUAL_IDLE_MS } = options;
  const { apiKey, apiKeyEnv = PROVIDERS.openai.apiKeyEnvs[0] } = options;
  const { href, host, address } = place;
  return wireSender({
    target: {
      vendor: host === "api.openai.com" ? "OpenAI" : host,
      format: responsesFormat,
      name,
      address,
      usualPath: "/v1",
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: responsesRequests({ name }),
    connect: async () => {
      const key = apiKeyOf({ name, apiKey, apiKeyEnv });
      const secrets = new Secrets({ keys: [key], headers, url: options.baseURL });
      return wireClient({ url: () => href, headers: [bearer(key), headers], secrets });
    },
  });
}

/** The Responses API. (https://platform.openai.com/docs/api-reference/responses) */
const responsesFormat: WireFormat = {
  assembly: () => new ResponsesAssembly(),
  reply: responsesReply,
  texts: responsesTexts,
  usage: responsesUsage,
};
