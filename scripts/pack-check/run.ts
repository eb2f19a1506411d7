import { spawnSync } from "node:child_process";

const LIMIT_MS = 180_000;

/** Runs a command and returns what it wrote to stdout. Throws with all of its output if it fails. */
export function run(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: strangersEnvironment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  if (error) throw error;
  if (status === 0) return stdout;
  throw new Error(`${[command, ...args].join(" ")} ended with ${status ?? signal}:\n${stdout}${stderr}`);
}

/** Without what the npm around us tells its children of this project: `npx` would take it for its own orders. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const network = /^npm_config_(registry|cafile|cache|userconfig|globalconfig|(https_)?proxy|noproxy)$/;
  const kept = ([name]: [string, unknown]) => !name.startsWith("npm_") || network.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(kept));
}
