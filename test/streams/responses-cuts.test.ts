import { cutSuite } from "./cut-suite.ts";
import { responsesStream } from "./responses-stream.ts";

cutSuite(responsesStream);
