import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { anthropicVertex } from "../../src/models/anthropic/anthropic-vertex.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import { chatWhole, messageWhole, response, said } from "./oddities/events.ts";
import { oddities } from "./oddities/oddities.ts";
import type { OddKind } from "./servers-really.ts";
import { serversReally } from "./servers-really.ts";
import { googleAuth } from "./vertex-kind.ts";

const messages = {
  format: "messages",
  done: messageWhole([{ type: "text", text: "done" }]),
} as const;

const KINDS: readonly OddKind[] = [
  {
    name: "openai_compatible",
    format: "chat",
    done: chatWhole({ content: "done" }),
    model: (url) => openaiCompatible({ name: "test-model", baseURL: `${url}/v1` }),
  },
  {
    ...messages,
    name: "anthropic",
    model: (url) => anthropic({ name: "claude-test", apiKey: "test-key", baseURL: url }),
  },
  {
    ...messages,
    name: "anthropic_vertex",
    model: (url) =>
      anthropicVertex({
        name: "claude-test",
        projectId: "p",
        region: "global",
        baseURL: `${url}/v1`,
        authClient: googleAuth,
      }),
  },
  {
    name: "openai",
    format: "responses",
    done: response([said("done")]),
    model: (url) => openai({ name: "gpt-test", apiKey: "test-key", baseURL: `${url}/v1` }),
  },
];

for (const kind of KINDS) serversReally(kind, oddities);
