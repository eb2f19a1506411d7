/** What is known about a server beforehand. */
export interface KnownHost {
  /** The environment variable that its own documentation names for the API key. */
  readonly apiKeyEnv: string;
  /** It answers 400 if its own reasoning comes back to it. */
  readonly refusesReasoning?: boolean;
}

/** Servers that are known by their host. A key goes to no other host unless the program says so. */
export const KNOWN_HOSTS: ReadonlyMap<string, KnownHost> = new Map([
  ["api.openai.com", { apiKeyEnv: "OPENAI_API_KEY" }],
  ["openrouter.ai", { apiKeyEnv: "OPENROUTER_API_KEY" }],
  ["api.deepseek.com", { apiKeyEnv: "DEEPSEEK_API_KEY" }],
  ["api.groq.com", { apiKeyEnv: "GROQ_API_KEY", refusesReasoning: true }],
  ["api.cerebras.ai", { apiKeyEnv: "CEREBRAS_API_KEY", refusesReasoning: true }],
  ["api.mistral.ai", { apiKeyEnv: "MISTRAL_API_KEY" }],
  ["api.together.xyz", { apiKeyEnv: "TOGETHER_API_KEY" }],
  ["api.fireworks.ai", { apiKeyEnv: "FIREWORKS_API_KEY" }],
  ["api.x.ai", { apiKeyEnv: "XAI_API_KEY" }],
  ["api.moonshot.ai", { apiKeyEnv: "MOONSHOT_API_KEY" }],
  ["generativelanguage.googleapis.com", { apiKeyEnv: "GEMINI_API_KEY" }],
]);
