import type { Model } from "../../process/contract/model.ts";
import { chatBound } from "./chat-bound.ts";
import { responsesBound } from "./responses-bound.ts";

/** For a package that speaks both: which one it is, the body says. */
export const chatOrResponsesBound: NonNullable<Model["bound"]> = (payload, counted) =>
  Array.isArray(payload.input) ? responsesBound(payload, counted) : chatBound(payload, counted);
