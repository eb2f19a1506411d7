import type { LinkedProgramInfo, Tool } from "../process/contract/tool.ts";
import { runChild } from "./run-child.ts";
import { SHARE, shareOf } from "./share.ts";
import { tool } from "./tool.ts";

/**
 * The tool `spawn`: a child with a conversation of its own, of a linked program or of this one. With `shares`, the
 * model may say what it may cost.
 */
export function spawn(
  linkedPrograms: readonly LinkedProgramInfo[] = [],
  { shares = false }: { shares?: boolean } = {},
): Tool {
  return tool({
    name: "spawn",
    description:
      "Starts another process with a conversation of its own, gives it a prompt, waits, and returns its last message. " +
      "It knows nothing of this conversation, so the prompt must say all it needs. " +
      listed(linkedPrograms),
    // A cast: without shares, there is only one argument less.
    parameters: (shares ? WITH_SHARE : PARAMETERS) as typeof WITH_SHARE,
    timeoutMs: Infinity,
    async execute({ prompt, program_name, usd }, { process, signal }) {
      const program = program_name === "" ? undefined : program_name;
      const result = await runChild(process.spawnProcess(program, shareOf(usd)), prompt, signal);
      return result.lastMessage;
    },
  });
}

const PROPERTIES = {
  prompt: { type: "string", minLength: 1, description: "What the process is to do." },
  program_name: {
    type: "string",
    description: "The program to run; the one that you run yourself if left out or empty.",
  },
} as const;
const PARAMETERS = {
  type: "object",
  properties: PROPERTIES,
  required: ["prompt"],
  additionalProperties: false,
} as const;
const WITH_SHARE = { ...PARAMETERS, properties: { ...PROPERTIES, ...SHARE } } as const;

function listed(programs: readonly LinkedProgramInfo[]): string {
  if (programs.length === 0) return "No other programs are linked: it runs the same program as you.";
  const lines = programs.map(({ name, description }) => `- ${name}${description === "" ? "" : `: ${description}`}`);
  return `The programs are:\n${lines.join("\n")}`;
}
