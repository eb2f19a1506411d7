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
  take(request: ObservedRequest): PooledModel;
  /** Only after a whole reply: what a broken one may still fetch is not to count as another's. */
  giveBack(pooled: PooledModel): void;
}

export interface PooledModel {
  readonly model: AiSdkModel;
  /** Whose request it is. */
  request: ObservedRequest | undefined;
}

/** A model object as it is. */
export function fixedModel(model: unknown): ModelSource {
  const pooled: PooledModel = { model: checkedModel(model), request: undefined };
  return { isObserved: false, first: pooled.model, take: () => pooled, giveBack() {} };
}

/**
 * Model objects whose requests are seen: one for each attempt that is under way, so that a `fetch` always knows for
 * whom it is called. One that is free is used again, with whatever its package has cached in it.
 */
export function madeModels(make: AiSdkModelMaker): ModelSource {
  const free: PooledModel[] = [];
  const open = (): PooledModel => {
    const fetch: typeof globalThis.fetch = (input, init) =>
      pooled.request === undefined ? globalThis.fetch(input, init) : pooled.request.fetch(input, init);
    const pooled: PooledModel = { model: checkedModel(make(fetch)), request: undefined };
    return pooled;
  };
  const first = open();
  free.push(first);
  return {
    isObserved: true,
    first: first.model,
    take(request) {
      const pooled = free.pop() ?? open();
      pooled.request = request;
      return pooled;
    },
    giveBack(pooled) {
      free.push(pooled);
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
