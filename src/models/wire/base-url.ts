import { describe, LLMProcError } from "../../errors.ts";

/** Where an API is. */
export interface BaseURL {
  /** Without user name and password. */
  readonly href: string;
  readonly host: string;
  /** To be shown: without what may be secret. */
  readonly address: string;
  /** `authorization`, where the URL had a user name or password: a request's URL must not have them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface BaseURLRules {
  /** Of the model, for errors. */
  readonly name: string;
  /** Whether the SDK can put a path behind a URL with a query. @default false */
  readonly query?: boolean;
}

/** Why nothing can be sent there; undefined if it can. It is shown only where no secret can be in it. */
export function baseURLProblem(text: string): string | undefined {
  const found = /[@?#\s]/.test(text) ? "" : `, found "${describe(text)}"`;
  if (!/^https?:\/\//i.test(text.trim())) return `must begin with http:// or https://${found}.`;
  return URL.canParse(text) ? undefined : "is not a URL.";
}

/** @throws LLMProcError `program_invalid` if it cannot be one; it is not shown, for it may hold a secret */
export function baseURLOf(text: string, { name, query: mayHaveQuery = false }: BaseURLRules): BaseURL {
  const problem = baseURLProblem(text);
  if (problem !== undefined) throw invalid(name, problem);
  const url = new URL(text);
  if (url.search !== "" && !mayHaveQuery) throw invalid(name, "must not have a query (what follows ?).");
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  const address = `${url.origin}${url.pathname}`.replace(/\/$/, "");
  const facts = { href: url.href.replace(/\/$/, ""), host: url.host, address };
  if (username === "" && password === "") return { ...facts, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { ...facts, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

function invalid(modelName: string, problem: string): LLMProcError {
  return new LLMProcError("program_invalid", `The base URL of the model "${modelName}" ${problem}`);
}
