import { describe, LLMProcError } from "../../errors.ts";
import type { WireProvider } from "../providers.ts";
import { PROVIDER_LIST, providerNamed } from "../providers.ts";

/** Where an API is. */
export interface BaseURL {
  /** Of the endpoint; where none is known here, the base URL. Without user name and password. */
  readonly href: string;
  readonly host: string;
  /** To be shown: as it was given, without what may be secret. */
  readonly address: string;
  /** `authorization`, where the URL had a user name or password: a request's URL must not have them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Why nothing can be sent there; undefined if it can. It is shown only where no secret can be in it. */
export function baseURLProblem(text: string, provider?: string): string | undefined {
  const found = /[@?#\s]/.test(text) ? "" : `, found "${describe(text)}"`;
  if (!/^https?:\/\//i.test(text.trim())) return `must begin with http:// or https://${found}.`;
  if (!URL.canParse(text)) return "is not a URL.";
  const other = otherEndpoint(new URL(text).pathname, provider);
  if (other === undefined) return undefined;
  return `ends in ${other.endpoint}, which is not what the provider "${provider}" speaks. Take that off, or use provider = "${other.name}".`;
}

/**
 * The address of an endpoint: what people have in hand is taken, be it the base URL or the endpoint itself, with or
 * without a slash at its end, with `/v1` or without where it is twice otherwise.
 * @throws LLMProcError `program_invalid` if it cannot be one; it is not shown, for it may hold a secret
 */
export function baseURLOf(text: string, { name, provider }: { name: string; provider?: WireProvider }): BaseURL {
  const problem = baseURLProblem(text, provider);
  if (problem !== undefined) throw invalid(name, problem);
  const endpoint = provider && providerNamed(provider)?.endpoint;
  const url = new URL(text);
  // A package puts its path behind it.
  if (url.search !== "" && endpoint === undefined) throw invalid(name, "must not have a query (what follows ?).");
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  const address = `${url.origin}${url.pathname}`.replace(/\/$/, "");
  url.pathname = endpointPath(url.pathname, endpoint);
  const facts = { href: url.href.replace(/\/$/, ""), host: url.host, address };
  if (username === "" && password === "") return { ...facts, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { ...facts, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

function invalid(modelName: string, problem: string): LLMProcError {
  return new LLMProcError("program_invalid", `The base URL of the model "${modelName}" ${problem}`);
}

function endpointPath(given: string, endpoint: string | undefined): string {
  const base = given === "/" ? "" : given;
  if (endpoint === undefined) return base;
  const path = isTail(base, endpoint) ? base : `${base}${endpoint}`;
  return path.replace(/(\/v\d+)(\1)+(?=\/)/, "$1");
}

/** Whether a path ends in an endpoint: `/v1/responses`, `/chat/completions`. */
function isTail(path: string, endpoint: string): boolean {
  const tail = endpoint.replace("/v1", "");
  if (!path.endsWith(tail)) return false;
  // A single word may be a folder of the server's.
  return tail.lastIndexOf("/") > 0 || /\/v\d\w*$/.test(path.slice(0, -tail.length));
}

/** The provider that speaks what a path ends in, if it is another one than is given, with its endpoint. */
function otherEndpoint(
  pathname: string,
  given: string | undefined,
): { readonly name: string; readonly endpoint: string } | undefined {
  if (given === undefined || providerNamed(given)?.endpoint === undefined) return undefined;
  const path = pathname.replace(/\/+$/, "");
  for (const { name, endpoint } of PROVIDER_LIST) {
    if (name !== given && endpoint !== undefined && isTail(path, endpoint)) return { name, endpoint };
  }
  return undefined;
}
