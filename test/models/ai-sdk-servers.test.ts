import { createModel } from "../../src/models/create-model.ts";
import { chatWhole } from "./oddities/events.ts";
import { oddities } from "./oddities/oddities.ts";
import type { OddReply } from "./servers-really.ts";
import { serversReally } from "./servers-really.ts";

process.env.AI_SDK_TEST_KEY = "planted-secret-key";

/** What the package itself leaves out, so that nobody behind it can know of it; and what other tests try. */
const SKIPPED =
  /form of before there were several|usage in another place|nest arguments|vendor behind them|usage of the beginning/;

/** The package does not look there either. */
const isWithin = ({ whole, stream }: OddReply) =>
  /"content":"half","error"|"finish_reason":"stop"\}\],"error"/.test(JSON.stringify(whole ?? stream ?? ""));

// The package checks what it reads: what is not as the vendor's own server has it fails, most often.
serversReally(
  {
    name: "mistral, through @ai-sdk/mistral",
    format: "chat",
    done: chatWhole({ content: "done" }),
    model: (url) => createModel({ provider: "mistral", name: "m", baseUrl: url, apiKeyEnv: "AI_SDK_TEST_KEY" }),
    mayFail: true,
    differs: (_oddity, reply) => (isWithin(reply) ? "skip" : undefined),
  },
  oddities.filter(({ name }) => !SKIPPED.test(name)),
);
