import { readFileSync } from "node:fs";

/** What the README's first screen promises to newcomers. */
export interface ReadmeExamples {
  /** The first example in TypeScript, and what it prints. */
  readonly typescript: string;
  readonly output: string;
  /** The first program file, and the last thing that its scripted model says. */
  readonly program: string;
  readonly answer: string;
}

/** The first examples as they stand in the README. Throws if one is missing. */
export function readmeExamples(path = "README.md"): ReadmeExamples {
  const text = readFileSync(path, "utf8");
  const typescript = firstBlock(text, "ts");
  const program = firstBlock(text, "toml");
  const answer = [...program.matchAll(/\btext = "([^"]*)"/g)].at(-1)?.[1];
  if (answer === undefined) throw new Error("The first program of the README has no reply that says anything.");
  const output = firstBlock(text.slice(text.indexOf(typescript)), "text");
  return { typescript, output, program, answer };
}

function firstBlock(text: string, language: string): string {
  const code = new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "m").exec(text)?.[1];
  if (code === undefined) throw new Error(`The README has no block of \`\`\`${language} where one is expected.`);
  return code;
}
