import { anthropicStream } from "./anthropic-stream.ts";
import { cutSuite } from "./cut-suite.ts";

cutSuite(anthropicStream);
