import { chatKind } from "./chat-kind.ts";
import { modelConformance } from "./conformance.ts";

modelConformance(chatKind);
