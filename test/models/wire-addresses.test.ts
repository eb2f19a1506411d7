import { describe, expect, test } from "vitest";
import { anthropic } from "../../src/models/anthropic/anthropic.ts";
import { openai } from "../../src/models/openai/openai.ts";
import { openaiCompatible } from "../../src/models/openai-compatible/openai-compatible.ts";
import type { Model } from "../../src/process/contract/model.ts";
import { complaint } from "../program/program-files.ts";
import { anthropicServer } from "../support/anthropic-server.ts";
import { chatServer } from "../support/chat-server.ts";
import { responsesServer } from "../support/responses-server.ts";
import type { WireServer } from "../support/wire-server.ts";
import { sendTo } from "./conformance.ts";

// What people have in hand is taken for a base URL where it can mean one thing only.

interface Subject {
  readonly provider: string;
  open(): Promise<WireServer>;
  model(baseURL: string): Model;
  /** What stands behind the host, and where the request then goes. */
  readonly taken: Readonly<Record<string, string>>;
  /** Addresses of other APIs, and the provider that speaks them. */
  readonly refused: Readonly<Record<string, string>>;
}

const subjects: readonly Subject[] = [
  {
    provider: "anthropic",
    open: () => anthropicServer([{}]),
    model: (baseURL) => anthropic({ name: "m", apiKey: "key", baseURL }),
    taken: {
      "": "/v1/messages",
      "/": "/v1/messages",
      "/v1": "/v1/messages",
      "/v1/": "/v1/messages",
      "/v1//": "/v1/messages",
      "/v1/v1": "/v1/messages",
      "/v1/messages": "/v1/messages",
      "/v1/messages/": "/v1/messages",
      "/anthropic": "/anthropic/v1/messages",
      "/anthropic/v1/": "/anthropic/v1/messages",
      "/v2/messages": "/v2/messages",
      "/messages": "/messages/v1/messages",
      "/v1?beta=true": "/v1/messages?beta=true",
      "/v1#top": "/v1/messages",
    },
    refused: { "/v1/chat/completions": "openai_compatible", "/v1/responses": "openai" },
  },
  {
    provider: "openai",
    open: () => responsesServer([{}]),
    model: (baseURL) => openai({ name: "m", apiKey: "key", baseURL }),
    taken: {
      "/v1": "/v1/responses",
      "/v1/": "/v1/responses",
      "/v1/v1": "/v1/responses",
      "/v1/responses": "/v1/responses",
      "/v1/responses/?api-version=2": "/v1/responses?api-version=2",
      "/openai/v1?api-version=2": "/openai/v1/responses?api-version=2",
      "": "/responses",
    },
    refused: { "/v1/chat/completions": "openai_compatible", "/v1/messages/": "anthropic" },
  },
  {
    provider: "openai_compatible",
    open: () => chatServer([{}]),
    model: (baseURL) => openaiCompatible({ name: "m", baseURL }),
    taken: {
      "/v1": "/v1/chat/completions",
      "/v1///": "/v1/chat/completions",
      "/v1/v1/": "/v1/chat/completions",
      "/v1/v1/chat/completions": "/v1/chat/completions",
      "/v1/chat/completions": "/v1/chat/completions",
      "/chat/completions": "/chat/completions",
      "/api/v1": "/api/v1/chat/completions",
      "/v1beta/openai/": "/v1beta/openai/chat/completions",
      "/v1/v2": "/v1/v2/chat/completions",
      "/openai/deployments/gpt/chat/completions?api-version=2":
        "/openai/deployments/gpt/chat/completions?api-version=2",
      "/responses": "/responses/chat/completions",
    },
    refused: { "/v1/responses": "openai", "/v1/messages": "anthropic" },
  },
];

describe.each(subjects)("$provider", ({ provider, open, model, taken, refused }) => {
  test.each(Object.entries(taken))("a base URL that ends in %j goes to %s", async (end, path) => {
    await using server = await open();
    await sendTo(model(`${server.url}${end}`));
    expect(server.requests.map((request) => request.path)).toEqual([path]);
  });

  test.each(Object.entries(refused))(
    "the address of another API, %s, is refused by its name, in code and in files",
    async (end, other) => {
      const baseURL = `http://127.0.0.1:9${end}`;
      const said = new RegExp(
        `ends in \\S+, which is not what the provider "${provider}" speaks.* use provider = "${other}"`,
      );
      expect(() => model(baseURL)).toThrow(said);
      const file = `[model]\nprovider = "${provider}"\nname = "m"\nbase_url = "${baseURL}"\n`;
      expect(complaint(file)).toMatch(/^FILE:4:1: \[model\] base_url ends in /);
      expect(complaint(file)).toMatch(said);
    },
  );
});
