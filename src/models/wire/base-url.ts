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
  /** What of it nobody may read in an error. */
  readonly secrets: readonly string[];
}

/** @throws LLMProcError `program_invalid` if it is no URL of the web; it is not shown, for it may hold a secret */
export function baseURLOf(text: string, modelName: string): BaseURL {
  if (!URL.canParse(text)) throw invalid(modelName, "is not a URL.");
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw invalid(modelName, "must begin with http:// or https://.");
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  const query = [...url.searchParams].filter(([key]) => /auth|key|token|secret/i.test(key)).map(([, value]) => value);
  const address = `${url.origin}${url.pathname}`.replace(/\/$/, "");
  const facts = { href: url.href.replace(/\/$/, ""), host: url.host, address };
  if (username === "" && password === "") return { ...facts, headers: {}, secrets: query };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const basic = `Basic ${Buffer.from(pair).toString("base64")}`;
  const secrets = [basic.slice("Basic ".length), decodeURIComponent(password), password, ...query];
  return { ...facts, headers: { authorization: basic }, secrets };
}

function invalid(modelName: string, problem: string): LLMProcError {
  return new LLMProcError("program_invalid", `The base URL of the model "${modelName}" ${problem}`);
}
