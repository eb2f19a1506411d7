export { type ApiCall, type ApiLoggerOptions, apiLogger } from "./callbacks/api-logger.ts";
export { type ApprovalOptions, approval } from "./callbacks/approval.ts";
export { holdConsole } from "./callbacks/console/floor.ts";
export { type ConsoleLogOptions, consoleLog } from "./callbacks/console-log.ts";
export { CostLimitError, type CostLimitOptions, costLimit } from "./callbacks/cost-limit.ts";
export { type LoopGuardOptions, loopGuard } from "./callbacks/loop-guard.ts";
export { type RedactOptions, redact } from "./callbacks/redact.ts";
export { type Shadow, type ShadowOptions, shadow } from "./callbacks/shadow.ts";
export { type ToolStats, timing } from "./callbacks/timing.ts";
export { toolLimits } from "./callbacks/tool-limits.ts";
export { ERROR_CODES, type ErrorCode, LLMProcError } from "./errors.ts";
export type { RequestBill } from "./events/bill.ts";
export type {
  Callback,
  CallbackOptions,
  FunctionCallback,
  Handler,
  ObjectCallback,
  Off,
  RecordHandler,
} from "./events/callback.ts";
export { CallbackEvent, type CallbackEvents, type EventName, type Retry } from "./events/callback-event.ts";
export type { CallbackFault } from "./events/callback-fault.ts";
export { CallbackTimeoutError } from "./events/callback-timeout-error.ts";
export type { ContextChange } from "./events/context-change.ts";
export type { EventInfo, Metadata } from "./events/event-info.ts";
export type { EventRecord, RecordOf, ResultSize } from "./events/event-record.ts";
export type {
  Facts,
  ProcessOrigin,
  ProgramIdentity,
  ReplyStopReason,
  RunBounds,
  RunFailure,
  UnreadCall,
} from "./events/facts.ts";
export { Fold, fold } from "./events/fold.ts";
export type { FoldedCall, FoldedProcess, FoldedRun } from "./events/folded-process.ts";
export type { LimitState, LimitStates } from "./events/limit-state.ts";
export type { Message, Prompt, PromptBlock, ToolReply } from "./events/message.ts";
export type { ForkOptions, ProcessView, Share } from "./events/process-view.ts";
export { RunError } from "./events/run-error.ts";
export type {
  LifeUsage,
  ModelName,
  ModelUsage,
  ProcessUsage,
  RunResult,
  StopReason,
  Usage,
  UsageFlag,
  VetoRecord,
} from "./events/run-result.ts";
export type { ProcessSeed } from "./events/seed.ts";
export { ShadowReport } from "./events/shadow-report.ts";
export type { ToolResult } from "./events/tool-result.ts";
export { answer, replaceArgs, replaceResult, Veto } from "./events/verdict.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export { type AiSdkOptions, aiSdk } from "./models/ai-sdk/ai-sdk.ts";
export type { AiSdkModel } from "./models/ai-sdk/ai-sdk-model.ts";
export { anthropic } from "./models/anthropic/anthropic.ts";
export type { AnthropicOptions } from "./models/anthropic/anthropic-options.ts";
export { anthropicVertex } from "./models/anthropic/anthropic-vertex.ts";
export type { AnthropicVertexOptions, GoogleAuthClient } from "./models/anthropic/vertex-options.ts";
export { openai } from "./models/openai/openai.ts";
export type { OpenAIOptions } from "./models/openai/openai-options.ts";
export type { OpenAICompatibleOptions } from "./models/openai-compatible/compatible-options.ts";
export { openaiCompatible } from "./models/openai-compatible/openai-compatible.ts";
export {
  type Conversation,
  type CountedRequest,
  type Model,
  ModelError,
  type ModelIO,
  type Reply,
  type RequestBound,
  type TokenUsage,
  type ToolCall,
} from "./process/contract/model.ts";
export type { ChildProcess, Tool, ToolContext, ToolProcess } from "./process/contract/tool.ts";
export type { OpenToolbox, Toolbox } from "./process/contract/toolbox.ts";
export type { LLMProcess } from "./process/llm-process.ts";
export type { FlushOptions } from "./process/loop/flush.ts";
export type { RecordStream } from "./process/loop/record-stream.ts";
export { Budget, type BudgetOptions } from "./process/money/budget.ts";
export type { RunLimits } from "./process/money/run-limits.ts";
export type { RunOptions } from "./process/state/run-options.ts";
export type { ProcessPromise } from "./process/tree/process-promise.ts";
export { LLMProgram, type StartOptions } from "./program/llm-program.ts";
export { ProgramError } from "./program/program-error.ts";
export type { LLMProgramOptions } from "./program/program-options.ts";
export { type ToolDefinition, tool } from "./tools/tool.ts";
