import { LLMProcError, toError } from "../../errors.ts";
import type { Model } from "../../process/contract/model.ts";
import { ModelError } from "../../process/contract/model.ts";
import { Secrets } from "../secrets/secrets.ts";
import type { BaseURL } from "../wire/base-url.ts";
import type { Destination } from "../wire/destination.ts";
import { oneLine } from "../wire/error-body.ts";
import { withAdvice } from "../wire/failure.ts";
import { loadPackage } from "../wire/load-package.ts";
import { Lost } from "../wire/lost.ts";
import { USUAL_IDLE_MS } from "../wire/timeouts.ts";
import type { WireClient } from "../wire/wire-client.ts";
import { wireClient } from "../wire/wire-client.ts";
import { wireSender } from "../wire/wire-sender.ts";
import { anthropicFormat } from "./format.ts";
import { anthropicRequests } from "./request.ts";
import type { AnthropicVertexOptions, GoogleAuthClient } from "./vertex-options.ts";

export function vertexSender(options: AnthropicVertexOptions & Destination<BaseURL | undefined>): Model["send"] {
  const { name, place, headers, automaticCaching = true, idleTimeoutMs = USUAL_IDLE_MS } = options;
  return wireSender({
    target: {
      vendor: "Vertex AI",
      format: anthropicFormat,
      name,
      address: place?.address ?? `of Vertex AI for the region ${options.region ?? "in CLOUD_ML_REGION"}`,
      keyAdvice: "Check the Google credentials, and that the project may use the model.",
    },
    idleTimeoutMs,
    toRequest: anthropicRequests({
      vendor: "Anthropic on Vertex AI",
      leading: LEADING,
      caching: automaticCaching ? "last_block" : "none",
    }),
    connect: () => connect(options, place?.href, headers),
  });
}

/** In place of the model, which stands in the URL. (https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai) */
const LEADING = Object.freeze({ anthropic_version: "vertex-2023-10-16" });

async function connect(
  { name, projectId: project, region: place, authClient }: AnthropicVertexOptions,
  baseURL: string | undefined,
  headers: Destination["headers"],
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
      throw new ModelError(withAdvice(said, SIGN_IN), { status, cause: error });
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
