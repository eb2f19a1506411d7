import { modelConformance } from "./conformance.ts";
import { responsesKind } from "./responses-kind.ts";

modelConformance(responsesKind);
