import { LLMProcError } from "../../errors.ts";
import type { AiSdkModel, AiSdkModelMaker } from "./ai-sdk-model.ts";
import { isAiSdkModel } from "./ai-sdk-model.ts";
import type { ObservedRequest } from "./observed-request.ts";

/** Where the model objects of attempts come from. */
export interface ModelSource {
  /** Whether the requests of its model objects are seen: if not, nobody can put anything into them. */
  readonly isObserved: boolean;
  /** Any of them, for its names. */
  readonly first: AiSdkModel;
  take(request: ObservedRequest): Line;
  /** Only after a whole reply: what a broken one may still fetch is not to count as another's. */
  giveBack(line: Line): void;
}

export interface Line {
  readonly model: AiSdkModel;
  /** Whose request it is. */
  request: ObservedRequest | undefined;
}

/** A model object as it is. */
export function fixedModel(model: unknown): ModelSource {
  const line: Line = { model: checkedModel(model), request: undefined };
  return { isObserved: false, first: line.model, take: () => line, giveBack() {} };
}

/**
 * Model objects whose requests are seen: one for each attempt that is under way, so that a `fetch` always knows for
 * whom it is called. One that is free is used again, with whatever its package has cached in it.
 */
export function madeModels(make: AiSdkModelMaker): ModelSource {
  const free: Line[] = [];
  const open = (): Line => {
    const fetch: typeof globalThis.fetch = (input, init) =>
      line.request === undefined ? globalThis.fetch(input, init) : line.request.fetch(input, init);
    const line: Line = { model: checkedModel(make(fetch)), request: undefined };
    return line;
  };
  const first = open();
  free.push(first);
  return {
    isObserved: true,
    first: first.model,
    take(request) {
      const line = free.pop() ?? open();
      line.request = request;
      return line;
    },
    giveBack(line) {
      free.push(line);
    },
  };
}

function checkedModel(model: unknown): AiSdkModel {
  if (!isAiSdkModel(model)) {
    const message = "aiSdk() takes a language model object of the AI SDK, or a function that makes one.";
    throw new LLMProcError("program_invalid", message);
  }
  if (model.specificationVersion === "v1") {
    const message = `The model object "${model.modelId}" is made for AI SDK 4 (specification v1). Install a newer version of its package.`;
    throw new LLMProcError("model_unavailable", message);
  }
  return model;
}
