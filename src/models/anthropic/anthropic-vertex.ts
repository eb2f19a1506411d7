import { LLMProcError, toError } from "../../errors.ts";
import type { Model, RequestBound } from "../../process/model.ts";
import { ModelError } from "../../process/model.ts";
import { anthropicBound } from "../bounds/anthropic-bound.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { oneLine } from "../wire/error-body.ts";
import { checkedHeaders } from "../wire/headers.ts";
import { loadPackage } from "../wire/load-package.ts";
import { Lost } from "../wire/lost.ts";
import type { ModelFunction } from "../wire/model-options.ts";
import { checkModelOptions } from "../wire/model-options.ts";
import { Secrets } from "../wire/secrets.ts";
import type { WireClient } from "../wire/wire-client.ts";
import { wireClient } from "../wire/wire-client.ts";
import { wireModel } from "../wire/wire-model.ts";
import { anthropicFormat } from "./format.ts";
import { anthropicRequests } from "./request.ts";

export interface AnthropicVertexOptions {
  /** The model's id on Vertex AI, as in Google's Model Garden. */
  readonly name: string;
  /** Of the Google Cloud project that pays. @default the vendor's variable `ANTHROPIC_VERTEX_PROJECT_ID` */
  readonly projectId?: string;
  /** `"global"`, `"eu"`, `"us"` or a region: `"europe-west1"`. @default the vendor's variable `CLOUD_ML_REGION` */
  readonly region?: string;
  /** @default that of the region */
  readonly baseURL?: string;
  /** Sent with every request; `extra_headers` of the parameters win. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Marks the last block of each request, so that Vertex caches up to there. Writing costs a quarter more than plain
   * input. @default true
   */
  readonly automaticCaching?: boolean;
  /** How long the server may be silent before and in a stream, in milliseconds; then the request fails. @default 60_000 */
  readonly idleTimeoutMs?: number;
  /** One of `google-auth-library`. @default Google's application default credentials */
  readonly authClient?: GoogleAuthClient;
}

/** What signs requests to Google. */
export interface GoogleAuthClient {
  getRequestHeaders(): Promise<Headers | Readonly<Record<string, string>>>;
}

/**
 * A model of Anthropic's on Google's Vertex AI. Google's own package signs in, which the user installs
 * (`npm install google-auth-library`). In all else it is like `anthropic()`.
 * @throws LLMProcError `program_invalid` for an option that there is not, or that cannot be used
 */
export function anthropicVertex(options: AnthropicVertexOptions): Model {
  checkModelOptions(FUNCTION, options);
  const { name, automaticCaching = true, idleTimeoutMs = 60_000 } = options;
  const url = options.baseURL === undefined ? undefined : baseURLOf(options.baseURL, { name });
  const own = checkedHeaders(options.headers ?? {}, `the headers of the model "${name}"`);
  return wireModel({
    provider: "anthropic_vertex",
    target: {
      vendor: "Vertex AI",
      format: anthropicFormat,
      name,
      address: url?.address ?? `of Vertex AI for the region ${options.region ?? "in CLOUD_ML_REGION"}`,
      keyAdvice: "Check the Google credentials, and that the project may use the model.",
    },
    idleTimeoutMs,
    toRequest: anthropicRequests({
      vendor: "Anthropic on Vertex AI",
      leading: LEADING,
      caching: automaticCaching ? "last_block" : "none",
    }),
    bound: (payload, counted) => withPlace(anthropicBound(payload, counted), options.region),
    connect: () => connect(options, url?.href, { ...url?.headers, ...own }),
  });
}

const FUNCTION: ModelFunction<AnthropicVertexOptions> = {
  name: "anthropicVertex",
  kinds: {
    name: "text",
    projectId: "text",
    region: "text",
    baseURL: "text",
    headers: "table",
    automaticCaching: "flag",
    idleTimeoutMs: "milliseconds",
    authClient: "object",
  },
  required: ["name"],
};

/** In place of the model, which stands in the URL. (https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai) */
const LEADING = Object.freeze({ anthropic_version: "vertex-2023-10-16" });

async function connect(
  { name, projectId: project, region: place, authClient }: AnthropicVertexOptions,
  baseURL: string | undefined,
  headers: Record<string, string>,
): Promise<WireClient> {
  const projectId = given(project, "ANTHROPIC_VERTEX_PROJECT_ID", `project_id for the model "${name}"`);
  const region = given(place, "CLOUD_ML_REGION", `region for the model "${name}"`);
  const client = authClient === undefined ? await googleClient(name) : () => Promise.resolve(authClient);
  const [project_, region_, model] = [projectId, region, name].map(encodeURIComponent);
  const path = `/projects/${project_}/locations/${region_}/publishers/anthropic/models/${model?.replace("%40", "@")}`;
  const url = `${baseURL ?? regionURL(region)}${path}`;
  return wireClient({
    url: ({ stream }) => `${url}:${stream === true ? "streamRawPredict" : "rawPredict"}`,
    headers: [headers],
    sign: async () => signed(await client(), name),
    secrets: new Secrets({ headers, url: baseURL }),
  });
}

/** (https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations) */
function regionURL(region: string): string {
  if (region === "global") return "https://aiplatform.googleapis.com/v1";
  if (region === "us" || region === "eu") return `https://aiplatform.${region}.rep.googleapis.com/v1`;
  return `https://${region}-aiplatform.googleapis.com/v1`;
}

/** Regions cost more than the list says. (https://platform.claude.com/docs/en/about-claude/pricing) */
function withPlace(bound: RequestBound, region: string | undefined): RequestBound {
  const place = region ?? process.env.CLOUD_ML_REGION ?? "";
  return place === "global" ? bound : { ...bound, offList: [...bound.offList, `region = "${place}"`] };
}

const PACKAGE = "google-auth-library";

interface GoogleAuthLibrary {
  readonly GoogleAuth: new (options: { scopes: string }) => { getClient(): Promise<GoogleAuthClient> };
}

/** Finds the credentials when it is called, and anew after a fault. */
async function googleClient(name: string): Promise<() => Promise<GoogleAuthClient>> {
  // A border post: the types are those of the versions that this was tried with.
  const { GoogleAuth } = (await loadPackage(PACKAGE, "anthropic_vertex")) as GoogleAuthLibrary;
  let client: Promise<GoogleAuthClient> | undefined;
  return () => {
    client ??= new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" }).getClient();
    return client.catch((error: unknown) => {
      client = undefined;
      throw /could not load the default credentials/i.test(toError(error).message)
        ? withoutCredentials(name)
        : new Lost(error);
    });
  };
}

/** @throws Lost where the token cannot be had now; ModelError where Google says no */
async function signed(client: GoogleAuthClient, name: string): Promise<Readonly<Record<string, string>>> {
  try {
    const headers = await client.getRequestHeaders();
    return Object.fromEntries(headers instanceof Headers ? headers : Object.entries(headers));
  } catch (error) {
    const { status, message } = toError(error) as Error & { readonly status?: unknown };
    // The credentials have ended, or never were any: no waiting helps.
    if (status === 400 || status === 401 || status === 403) {
      const said = `Google gave no token for the model "${name}": ${oneLine(message)}`;
      throw new ModelError(`${said.replace(/\.?$/, ".")} ${SIGN_IN}`, { status, cause: error });
    }
    throw new Lost(error);
  }
}

const SIGN_IN =
  "Run: gcloud auth application-default login. Or set GOOGLE_APPLICATION_CREDENTIALS to the file of a key.";

function withoutCredentials(name: string): LLMProcError {
  return new LLMProcError("model_unavailable", `There are no Google credentials for the model "${name}". ${SIGN_IN}`);
}

/** @throws LLMProcError `model_unavailable` that names the variable */
function given(value: string | undefined, variable: string, what: string): string {
  const found = (value ?? process.env[variable] ?? "").trim();
  if (found !== "") return found;
  throw new LLMProcError(
    "model_unavailable",
    `There is no ${what}. Set it in the program's [model], or the variable ${variable}.`,
  );
}
