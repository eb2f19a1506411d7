import { bedrockKind } from "./ai-sdk-bedrock.ts";
import { googleKind } from "./ai-sdk-google.ts";
import { mistralKind } from "./ai-sdk-mistral.ts";
import { objectKind } from "./ai-sdk-object.ts";
import { modelConformance } from "./conformance.ts";

for (const kind of [googleKind, mistralKind, bedrockKind, objectKind]) modelConformance(kind);
