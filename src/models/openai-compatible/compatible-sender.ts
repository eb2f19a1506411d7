import type { Model } from "../../process/contract/model.ts";
import { Secrets } from "../secrets/secrets.ts";
import { apiKeyOf, keyAdvice } from "../wire/api-key.ts";
import type { Destination } from "../wire/destination.ts";
import { USUAL_IDLE_MS } from "../wire/timeouts.ts";
import { bearer, wireClient } from "../wire/wire-client.ts";
import type { WireFormat } from "../wire/wire-format.ts";
import { wireSender } from "../wire/wire-sender.ts";
import { ChatAssembly } from "./assembly.ts";
import type { OpenAICompatibleOptions } from "./compatible-options.ts";
import { KNOWN_HOSTS } from "./known-hosts.ts";
import { chatReply, chatTexts } from "./reply.ts";
import { chatRequests } from "./request.ts";
import { chatUsage } from "./usage.ts";

export function compatibleSender(options: OpenAICompatibleOptions & Destination): Model["send"] {
  const { name, baseURL, place, headers, idleTimeoutMs = USUAL_IDLE_MS } = options;
  const { href, host, address } = place;
  const known = KNOWN_HOSTS.get(host);
  const { apiKey, sendReasoning = known?.refusesReasoning !== true } = options;
  const apiKeyEnv = options.apiKeyEnv ?? (hasAuthorization(headers) ? undefined : known?.apiKeyEnv);
  const isKeyless = apiKey === undefined && apiKeyEnv === undefined;
  return wireSender({
    target: {
      vendor: host,
      format: chatFormat,
      name,
      address,
      usualPath: "/v1",
      keyAdvice: keyAdvice({ apiKey, apiKeyEnv }),
    },
    idleTimeoutMs,
    toRequest: chatRequests({ name, vendor: host, sendReasoning }),
    connect: async () => {
      const keys = isKeyless ? [] : [apiKeyOf({ name, apiKey, apiKeyEnv })];
      return wireClient({
        url: () => href,
        headers: [...keys.map(bearer), headers],
        secrets: new Secrets({ keys, headers, url: baseURL }),
      });
    },
  });
}

function hasAuthorization(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((header) => /^(authorization|api-key|x-api-key)$/i.test(header));
}

/** Chat Completions. (https://platform.openai.com/docs/api-reference/chat) */
const chatFormat: WireFormat = {
  assembly: () => new ChatAssembly(),
  reply: chatReply,
  texts: chatTexts,
  usage: chatUsage,
};
