/**
 * Where servers that people take for providers are, as they come installed. Their names are without `_`, `-`, `.` and
 * capitals.
 */
export const KNOWN_SERVERS: ReadonlyMap<string, string> = new Map([
  ["ollama", "http://localhost:11434/v1"],
  ["vllm", "http://localhost:8000/v1"],
  ["lmstudio", "http://localhost:1234/v1"],
  ["llamacpp", "http://localhost:8080/v1"],
  ["openrouter", "https://openrouter.ai/api/v1"],
]);
