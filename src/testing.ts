export { checkEvents, EVENT_RULES, type EventProblem, type EventRule } from "./events/check-events.ts";
export type { Script, ScriptedOptions, ScriptedReply, ScriptedStep, ScriptedToolCall } from "./models/script.ts";
export { type ScriptedModel, scripted } from "./models/scripted.ts";
