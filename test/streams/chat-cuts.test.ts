import { chatStream } from "./chat-stream.ts";
import { cutSuite } from "./cut-suite.ts";

cutSuite(chatStream);
