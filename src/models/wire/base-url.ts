import { LLMProcError } from "../../errors.ts";

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

/** @throws LLMProcError `program_invalid` if it cannot be one; it is not shown, for it may hold a secret */
export function baseURLOf(text: string, { name, query: mayHaveQuery = false }: BaseURLRules): BaseURL {
  if (!URL.canParse(text)) throw invalid(name, "is not a URL.");
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw invalid(name, "must begin with http:// or https://.");
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
