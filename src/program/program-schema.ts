import type { Callback } from "../events/callback.ts";
import type { JsonObject } from "../json.ts";
import type { AiSdkModel } from "../models/ai-sdk/ai-sdk-model.ts";
import { isAiSdkModel } from "../models/ai-sdk/ai-sdk-model.ts";
import type { Model } from "../process/contract/model.ts";
import { isTool } from "../process/contract/tool.ts";
import type { Toolbox } from "../process/contract/toolbox.ts";
import type { Infer } from "./schema.ts";
import {
  amount,
  choice,
  count,
  data,
  either,
  flag,
  instance,
  list,
  notYet,
  optional,
  record,
  table,
  text,
} from "./schema.ts";

/** Node's timers hold no more milliseconds: a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

const usage = table({
  input_tokens: optional(count()),
  output_tokens: optional(count()),
  reasoning_tokens: optional(count()),
  cache_read_tokens: optional(count()),
  cache_write_tokens: optional(count()),
  cache_write_1h_tokens: optional(count()),
});

/** One reply of the scripted model. */
const reply = table({
  text: optional(text({ allowEmpty: true })),
  tool_calls: optional(
    list(table({ name: text(), args: optional(record(data<JsonObject[string]>())), id: optional(text()) })),
  ),
  usage: optional(usage),
  delay_ms: optional(count({ max: LONGEST_TIMER_MS })),
  error: optional(
    table({
      status: optional(count({ min: 100, max: 599 })),
      message: optional(text()),
      retry_after_ms: optional(count()),
    }),
  ),
  cut_after: optional(count()),
  stop_reason: optional(choice("end", "tool_use", "max_tokens", "refusal", "other")),
});

const modelKeys = {
  provider: text(),
  /** Required by all but `scripted`: see `checkModel`. */
  name: optional(text()),
  base_url: optional(text()),
  api_key_env: optional(text()),
  api_key: notYet(
    "is not taken: a program is read by many. Name the environment variable with the key in api_key_env (apiKeyEnv in code).",
  ),
  headers: optional(record(text({ allowEmpty: true }))),
  idle_timeout_ms: optional(count({ min: 1, max: LONGEST_TIMER_MS })),
  project_id: optional(text()),
  region: optional(text()),
  send_reasoning: optional(flag()),
  disable_automatic_caching: optional(flag()),
  replies: optional(list(reply, { min: 1 })),
  child_replies: optional(list(reply, { min: 1 })),
  repeat: optional(flag()),
};

/** In code, where other packages and the model functions spell it so. */
const modelKeysInCode = { ...modelKeys, base_url: optional(text(), { alias: "baseURL" }) };

const toolEntry = table({
  name: text(),
  alias: optional(text()),
  description: optional(text()),
  access: optional(choice("read", "write", "admin")),
  param_descriptions: optional(record(text())),
});

const limits = table({
  turns: optional(count({ min: 1 })),
  children: optional(count()),
  depth: optional(count()),
  parallel_calls: optional(count({ min: 1 })),
  usd: optional(amount()),
  tokens: optional(count()),
  wall_ms: optional(count({ min: 1, max: LONGEST_TIMER_MS })),
  warn_at: optional(amount({ max: 1 })),
  shares: optional(flag()),
});

/** Names of tools, or all of them. */
const approval = either(choice("*"), list(text(), { min: 1 }));

const pricing = table({
  input_usd_per_million: amount(),
  output_usd_per_million: amount(),
  cache_read_usd_per_million: optional(amount()),
  cache_write_usd_per_million: optional(amount()),
  cache_write_1h_usd_per_million: optional(amount()),
});

/** When a failed request is sent again. */
export const retrySchema = table({
  max_attempts: optional(count({ min: 1 })),
  initial_delay_ms: optional(count({ max: LONGEST_TIMER_MS })),
  max_delay_ms: optional(count({ max: LONGEST_TIMER_MS })),
  deadline_ms: optional(count({ min: 1, max: LONGEST_TIMER_MS })),
});

const demo = table({
  display_name: optional(text()),
  prompts: optional(list(text())),
  pause_between_prompts: optional(flag()),
});

const unsupported = () => notYet("is not supported by this version yet. Take the section out.");

/** A program file: every section and every key that there is. */
export const programFileSchema = table({
  model: table({ ...modelKeys, max_iterations: optional(count({ min: 1 })) }),
  prompt: optional(
    table({
      system_prompt: optional(text({ allowEmpty: true }), { alias: "system" }),
      system_prompt_file: optional(text()),
      user: optional(text({ allowEmpty: true }), { alias: "user_prompt" }),
    }),
  ),
  parameters: optional(record(data<JsonObject[string]>())),
  tools: optional(
    table({
      builtin: optional(list(either(text(), toolEntry)), { alias: "enabled" }),
      parallel: optional(flag()),
      timeout_ms: optional(count({ min: 1, max: LONGEST_TIMER_MS })),
      max_result_characters: optional(count({ min: 200 })),
      root: optional(text()),
      mcp: unsupported(),
    }),
  ),
  linked_programs: optional(
    record(either(text(), table({ path: text(), description: optional(text({ allowEmpty: true })) }))),
  ),
  callbacks: optional(table({ modules: optional(list(text())), approval: optional(approval) })),
  pricing: optional(pricing),
  limits: optional(limits),
  retry: optional(retrySchema),
  demo: optional(demo),
  preload: unsupported(),
  env_info: unsupported(),
  mcp: unsupported(),
  file_descriptor: unsupported(),
});

export type ProgramFileData = Infer<typeof programFileSchema>;

/**
 * The options of `new LLMProgram`, in the spelling of files: in code they are `camelCase`. `isProgram` tells programs
 * from other objects; it is handed in, since the class stands above this file.
 */
export function programOptionsSchema<Program>(isProgram: (value: unknown) => value is Program) {
  const program = either(instance("an LLMProgram", isProgram), text());
  const described = table({ program, description: optional(text({ allowEmpty: true })) });
  return table({
    model: either(instance("a model such as `scripted(…)`", isModel), table(modelKeysInCode)),
    name: optional(text()),
    system_prompt: optional(text({ allowEmpty: true })),
    user_prompt: optional(text({ allowEmpty: true })),
    parameters: optional(record(data<JsonObject[string]>())),
    tools: optional(list(either(instance("a tool made by `tool()`", isTool), text(), toolEntry))),
    toolboxes: optional(list(instance("a toolbox: an object with a name and open()", isToolbox))),
    parallel_tool_calls: optional(flag()),
    tool_timeout_ms: optional(count({ min: 1, max: LONGEST_TIMER_MS })),
    max_tool_result_characters: optional(count({ min: 200 })),
    root: optional(text()),
    limits: optional(limits),
    pricing: optional(pricing),
    retry: optional(retrySchema),
    linked_programs: optional(record(either(instance("an LLMProgram", isProgram), text(), described))),
    callbacks: optional(list(instance("a function, or an object with methods named after events", isCallback))),
    callback_modules: optional(list(text())),
    approval: optional(approval),
    demo: optional(demo),
  });
}

export type ModelOptions = Infer<ReturnType<typeof modelOptions>>;
export type ToolEntry = Infer<typeof toolEntry>;
export type LimitOptions = Infer<typeof limits>;
export type PricingOptions = Infer<typeof pricing>;
export type RetryOptions = Infer<typeof retrySchema>;
export type DemoOptions = Infer<typeof demo>;

function modelOptions() {
  return table(modelKeys);
}

function isModel(value: unknown): value is Model | AiSdkModel {
  if (isAiSdkModel(value)) return true;
  return has(value, "send", "function") && has(value, "provider", "string") && has(value, "name", "string");
}

function isToolbox(value: unknown): value is Toolbox {
  return has(value, "open", "function") && has(value, "name", "string");
}

/** Registration looks closer: it knows the events. */
function isCallback(value: unknown): value is Callback {
  return typeof value === "function" || (typeof value === "object" && value !== null);
}

function has(value: unknown, key: string, type: "function" | "string"): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, key) === type;
}
