import type { Oddity } from "../servers-really.ts";
import { endings } from "./endings.ts";

/** Every way in which servers really are, as far as it is known: each was seen, or reported by those who met it. */
export const oddities: readonly Oddity[] = [...endings];
