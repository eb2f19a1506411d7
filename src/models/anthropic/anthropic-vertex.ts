import type { AnthropicVertex, ClientOptions } from "@anthropic-ai/vertex-sdk";
import { LLMProcError } from "../../errors.ts";
import type { Model, RequestBound } from "../../process/model.ts";
import { anthropicBound } from "../bounds/anthropic-bound.ts";
import { baseURLOf } from "../wire/base-url.ts";
import { checkedHeaders } from "../wire/headers.ts";
import { loadPackage } from "../wire/load-package.ts";
import type { ModelFunction } from "../wire/model-options.ts";
import { checkModelOptions } from "../wire/model-options.ts";
import { Secrets } from "../wire/secrets.ts";
import { wireFetch } from "../wire/wire-fetch.ts";
import type { WireClient } from "../wire/wire-model.ts";
import { ANSWER_TIMEOUT_MS, wireModel } from "../wire/wire-model.ts";
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
  getRequestHeaders(): Promise<Headers>;
}

/**
 * A model of Anthropic's on Google's Vertex AI, through the vendor's SDK for it, which the user installs
 * (`npm install @anthropic-ai/vertex-sdk`). In all else it is like `anthropic()`.
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

/** Every setting is given, so that no variable of the environment has a say but the vendor's for place and credentials. */
async function connect(
  { name, projectId: project, region: place, authClient }: AnthropicVertexOptions,
  baseURL: string | undefined,
  defaultHeaders: Record<string, string>,
): Promise<WireClient> {
  const projectId = given(project, "ANTHROPIC_VERTEX_PROJECT_ID", `project_id for the model "${name}"`);
  const region = given(place, "CLOUD_ML_REGION", `region for the model "${name}"`);
  // A border post: the types are those of the version that this was tried with.
  const sdk = (await loadPackage(PACKAGE, "anthropic_vertex")) as { AnthropicVertex: typeof AnthropicVertex };
  const secrets = new Secrets({ headers: defaultHeaders, url: baseURL });
  const fetch = wireFetch(secrets);
  const create = () =>
    new sdk.AnthropicVertex({
      projectId,
      region,
      baseURL: baseURL ?? null,
      // A border post: it asks an auth client for these headers and nothing else.
      authClient: (authClient ?? null) as ClientOptions["authClient"],
      defaultHeaders,
      fetch,
      maxRetries: 0,
      timeout: ANSWER_TIMEOUT_MS,
      logLevel: "off",
    });
  let api: AnthropicVertex | undefined;
  return {
    /** The client looks for credentials as soon as it is there: it is made when it is awaited, and anew after a fault. */
    async post({ payload, headers }, signal) {
      try {
        api ??= create();
        // The SDK takes the model out of the body, and leaves the rest as it is.
        const body = { model: name, ...payload };
        return await api.post("/v1/messages", { body, headers, signal }).asResponse();
      } catch (error) {
        api = undefined;
        throw lacksCredentials(error) ? withoutCredentials(name) : error;
      }
    },
    secrets,
  };
}

/** Regions cost more than the list says. (https://platform.claude.com/docs/en/about-claude/pricing) */
function withPlace(bound: RequestBound, region: string | undefined): RequestBound {
  const place = region ?? process.env.CLOUD_ML_REGION ?? "";
  return place === "global" ? bound : { ...bound, offList: [...bound.offList, `region = "${place}"`] };
}

const PACKAGE = "@anthropic-ai/vertex-sdk";

function lacksCredentials(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && /could not load the default credentials/i.test(cause.message);
}

function withoutCredentials(name: string): LLMProcError {
  return new LLMProcError(
    "model_unavailable",
    `There are no Google credentials for the model "${name}". Run: gcloud auth application-default login. Or set GOOGLE_APPLICATION_CREDENTIALS to the file of a key.`,
  );
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
