import { describe } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { isJsonObject, toJson } from "../../json.ts";
import type { Conversation, ToolDescription } from "../../process/contract/model.ts";
import type { Secrets } from "../secrets/secrets.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { objectSchema } from "../wire/tool-schema.ts";
import type { AiSdkCallOptions, AiSdkForm } from "./ai-sdk-model.ts";
import type { CallParameters } from "./call-parameters.ts";
import { wrongParameter } from "./call-parameters.ts";
import { aiSdkPrompts } from "./prompt.ts";

/** What of the parameters an object is called with. */
export interface CallSettings extends Pick<CallParameters, "headers" | "providerOptions"> {
  /** Call options by their own names. */
  readonly settings: JsonObject;
}

type ToCallOptions = (conversation: Conversation, settings: CallSettings) => AiSdkCallOptions;

/** Returns a function that makes what a model object is called with, but for the signal. */
export function aiSdkCalls(form: AiSdkForm, provider: string): ToCallOptions {
  const toPrompt = aiSdkPrompts(form, provider);
  const toTools = convertOnce((tools: readonly ToolDescription[]): readonly object[] => tools.map(functionTool));
  return ({ system, messages, tools }, { headers, providerOptions, settings }) => {
    const { tools: ownTools = [], ...options } = checkedSettings(settings);
    const allTools = [...toTools(tools), ...toolList(ownTools)];
    return {
      ...options,
      prompt: toPrompt(system, messages),
      ...(allTools.length > 0 && { tools: allTools }),
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(providerOptions !== undefined && { providerOptions }),
    };
  };
}

/** What of the options can be shown: headers without their secrets. */
export function shownOptions(
  { abortSignal: _signal, headers, ...options }: AiSdkCallOptions,
  secrets: Secrets,
): JsonObject {
  // A border post: options are an object, so their JSON is one.
  return toJson({ ...options, ...(headers !== undefined && { headers: secrets.inReply(headers) }) }) as JsonObject;
}

function checkedSettings(settings: JsonObject): JsonObject {
  for (const key of ["prompt", "abortSignal"]) {
    if (key in settings) throw wrongParameter(`"${key}" cannot be set here: it is made of the conversation.`);
  }
  return settings;
}

function toolList(tools: JsonValue): readonly JsonObject[] {
  // A border post: `Array.isArray` gives `any[]` for a read-only list.
  if (Array.isArray(tools) && tools.every(isJsonObject)) return tools as readonly JsonObject[];
  throw wrongParameter(`"tools" must be a list of the provider's own tools, not ${describe(tools)}.`);
}

function functionTool({ name, description, parameters }: ToolDescription): object {
  return {
    type: "function",
    name,
    ...(description.trim() !== "" && { description }),
    inputSchema: objectSchema(parameters),
  };
}
