export { checkEvents, EVENT_RULES, type EventProblem, type EventRule } from "./events/check-events.ts";
export {
  type Script,
  type ScriptedModel,
  type ScriptedOptions,
  type ScriptedReply,
  type ScriptedStep,
  type ScriptedToolCall,
  scripted,
} from "./models/scripted.ts";
