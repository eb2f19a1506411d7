import type { Model } from "../process/model.ts";
import type { ModelOptions } from "./program-schema.ts";

export function buildScriptedModel(_options: ModelOptions & { replies: NonNullable<ModelOptions["replies"]> }): Model {
  throw new Error("to be wired");
}
