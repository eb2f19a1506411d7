import { createModel } from "../models/create-model.ts";
import { scripted } from "../models/scripted.ts";
import type { Model } from "../process/model.ts";
import type { ModelOptions } from "./program-schema.ts";

/** The model itself, or one made of its options. @throws LLMProcError `model_unavailable` if there is no such provider */
export function buildModel(model: Model | ModelOptions): Model {
  if ("send" in model) return model;
  const { provider, name, replies = [], childReplies, repeat = false } = model;
  if (provider !== "scripted") return createModel({ ...model, name: name ?? "" });
  const script = childReplies === undefined ? replies : { root: replies, child: childReplies };
  return scripted(script, { repeat, ...(name !== undefined && { name }) });
}
