import type { NamedProvider } from "../providers.ts";
import { PACKAGED, PROVIDER_LIST, providerNamed } from "../providers.ts";

/** A provider that is reached through its AI SDK package. */
export interface PackagedProvider extends NamedProvider {
  readonly package: string;
}

/** The provider of this name, or of the package of this full name; undefined for anything else. */
export function packagedProvider(given: string): PackagedProvider | undefined {
  const listed = providerNamed(given) ?? PROVIDER_LIST.find((provider) => provider.package === given);
  if (listed !== undefined) return hasPackage(listed) ? listed : undefined;
  return isPackage(given) ? { ...PACKAGED, name: shortName(given), package: given } : undefined;
}

/** Every variable in which a secret of a provider is known to stand. */
export const SECRET_ENVS: readonly string[] = PROVIDER_LIST.flatMap(({ apiKeyEnvs = [], secretEnvs = [] }) => [
  ...apiKeyEnvs,
  ...secretEnvs,
]);

/**
 * The variables in which the key of a model stands by custom. `provider` may be a model object's own name for it:
 * `"mistral.chat"`, `"google.generative-ai"`.
 */
export function usualKeyEnvs(provider: string): readonly string[] {
  const [name = ""] = provider.split(/[./]/);
  const known = providerNamed(name) ?? packagedProvider(`@ai-sdk/${name}`);
  if (known?.apiKeyEnvs !== undefined) return known.apiKeyEnvs;
  if (known?.secretEnvs !== undefined) return known.secretEnvs;
  return /^[a-z][\w-]*$/i.test(name) ? [`${name.toUpperCase().replaceAll("-", "_")}_API_KEY`] : [];
}

function hasPackage(provider: NamedProvider): provider is PackagedProvider {
  return provider.package !== undefined;
}

/** `@scope/name`, or a name that says that it is a provider of the AI SDK. */
function isPackage(name: string): boolean {
  const isName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name);
  return isName && (name.startsWith("@") || /ai-sdk|-provider/.test(name));
}

/** `openrouter` for `@openrouter/ai-sdk-provider`, `ollama` for `ollama-ai-provider-v2`. */
function shortName(name: string): string {
  return name
    .replace(/^@ai-sdk\//, "")
    .replace(/^@([^/]+)\/.*$/, "$1")
    .replace(/-(ai-)?(sdk-)?provider.*$/, "");
}
