import { registerHooks } from "node:module";

/*
 * For running the examples in a clone that has not been built: `llmproc` is then the source beside them. Whoever has
 * installed the package needs nothing of this.
 */
const SOURCE: ReadonlyMap<string, string> = new Map([
  ["llmproc", new URL("../src/index.ts", import.meta.url).href],
  ["llmproc/testing", new URL("../src/testing.ts", import.meta.url).href],
]);

registerHooks({
  resolve: (specifier, context, next) => next(SOURCE.get(specifier) ?? specifier, context),
});
