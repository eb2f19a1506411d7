/** What a program file says of such a model. */
export interface NamedModelOptions {
  readonly name: string;
  readonly baseUrl?: string;
  readonly apiKeyEnv?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly region?: string;
  readonly projectId?: string;
}
