import { LLMProcError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Conversation, ToolDescription } from "../../process/contract/model.ts";
import { Additions } from "../wire/additions.ts";
import { convertOnce } from "../wire/convert-once.ts";
import { allTools, requestParameters } from "../wire/parameters.ts";
import { objectSchema } from "../wire/tool-schema.ts";
import type { WireRequest } from "../wire/wire-request.ts";
import { responsesInput } from "./input.ts";

/**
 * Returns a function that makes the request for a conversation. The parameters go into the body as they are, but
 * for `extra_headers`; OpenAI's own tools in `parameters.tools` follow the program's.
 * @throws LLMProcError `program_invalid` for parameters that cannot be sent
 */
export function responsesRequests({ name }: { readonly name: string }): (conversation: Conversation) => WireRequest {
  const { vendor } = RULES;
  const toInput = {
    stored: responsesInput({ stored: true, vendor }),
    unstored: responsesInput({ stored: false, vendor }),
  };
  const toTools = convertOnce((tools: readonly ToolDescription[]) => tools.map(functionTool));
  const additions = new Additions();
  return (conversation) => {
    const { system, messages } = conversation;
    const { body, headers, tools: ownTools } = requestParameters(conversation, RULES);
    refuseBackground(body);
    const tools = allTools(toTools(conversation.tools), ownTools);
    const stored = body.store !== false;
    const added = additions.for(body, stored ? STREAM : STREAM_ENCRYPTED);
    const payload: JsonObject = {
      model: name,
      ...added,
      ...body,
      ...(system.trim() !== "" && { instructions: system }),
      ...(tools !== undefined && { tools }),
      input: (stored ? toInput.stored : toInput.unstored)(messages),
    };
    return { payload: Object.freeze(payload), headers, added, additions };
  };
}

const RULES = { vendor: "OpenAI", taken: ["model", "input"], system: "instructions" };

const STREAM: JsonObject = Object.freeze({ stream: true });

/** Reasoning that OpenAI has not stored is of use to it only if it comes back whole. */
const STREAM_ENCRYPTED: JsonObject = Object.freeze({
  stream: true,
  include: Object.freeze(["reasoning.encrypted_content"]),
});

function refuseBackground({ background }: JsonObject): void {
  if (background !== true) return;
  throw new LLMProcError(
    "program_invalid",
    `Wrong [parameters] for the API of OpenAI: "background" cannot be set, for then the answer has no reply in it.`,
  );
}

/** `strict` is the API's default, and refuses most schemas. */
function functionTool({ name, description, parameters }: ToolDescription): JsonObject {
  return { type: "function", name, description, parameters: objectSchema(parameters), strict: false };
}
