import type { Oddity } from "../servers-really.ts";
import { givenArguments } from "./arguments.ts";
import { calls } from "./calls.ts";
import { choices } from "./choices.ts";
import { endings } from "./endings.ts";
import { errors } from "./errors.ts";
import { texts } from "./texts.ts";
import { usages } from "./usages.ts";

/** Every way in which servers really are, as far as it is known: each was seen, or reported by those who met it. */
export const oddities: readonly Oddity[] = [
  ...endings,
  ...errors,
  ...texts,
  ...choices,
  ...calls,
  ...givenArguments,
  ...usages,
];
