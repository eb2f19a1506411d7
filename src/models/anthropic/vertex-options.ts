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
