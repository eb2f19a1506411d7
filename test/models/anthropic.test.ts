import { anthropicKind } from "./anthropic-kind.ts";
import { modelConformance } from "./conformance.ts";

modelConformance(anthropicKind);
