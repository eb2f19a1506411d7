import { describe, LLMProcError } from "../../errors.ts";

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

/** What stands behind the base URL of each provider. */
const ENDPOINTS = {
  anthropic: "/v1/messages",
  openai: "/responses",
  openai_compatible: "/chat/completions",
} as const;

export type Endpoint = keyof typeof ENDPOINTS;

/** Why nothing can be sent there; undefined if it can. It is shown only where no secret can be in it. */
export function baseURLProblem(text: string, provider?: string): string | undefined {
  const found = /[@?#\s]/.test(text) ? "" : `, found "${describe(text)}"`;
  if (!/^https?:\/\//i.test(text.trim())) return `must begin with http:// or https://${found}.`;
  if (!URL.canParse(text)) return "is not a URL.";
  const other = otherEndpoint(new URL(text).pathname, provider);
  if (other === undefined) return undefined;
  return `ends in ${ENDPOINTS[other]}, which is not what the provider "${provider}" speaks. Take that off, or use provider = "${other}".`;
}

/**
 * The address of an endpoint: what people have in hand is taken, be it the base URL or the endpoint itself, with or
 * without a slash at its end, with `/v1` or without where it is twice otherwise.
 * @throws LLMProcError `program_invalid` if it cannot be one; it is not shown, for it may hold a secret
 */
export function baseURLOf(text: string, { name, endpoint }: { name: string; endpoint?: Endpoint }): BaseURL {
  const problem = baseURLProblem(text, endpoint);
  if (problem !== undefined) throw invalid(name, problem);
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

function endpointPath(given: string, endpoint: Endpoint | undefined): string {
  const base = given === "/" ? "" : given;
  if (endpoint === undefined) return base;
  const path = isTail(base, endpoint) ? base : `${base}${ENDPOINTS[endpoint]}`;
  return path.replace(/(\/v\d+)(\1)+(?=\/)/, "$1");
}

/** Whether a path ends in an endpoint: `/v1/responses`, `/chat/completions`. */
function isTail(path: string, endpoint: Endpoint): boolean {
  const tail = ENDPOINTS[endpoint].replace("/v1", "");
  if (!path.endsWith(tail)) return false;
  // A single word may be a folder of the server's.
  return tail.lastIndexOf("/") > 0 || /\/v\d\w*$/.test(path.slice(0, -tail.length));
}

function otherEndpoint(pathname: string, provider: string | undefined): Endpoint | undefined {
  if (provider === undefined || !Object.hasOwn(ENDPOINTS, provider)) return undefined;
  const path = pathname.replace(/\/+$/, "");
  // A border post: these are its keys.
  const others = (Object.keys(ENDPOINTS) as Endpoint[]).filter((endpoint) => endpoint !== provider);
  return others.find((endpoint) => isTail(path, endpoint));
}
