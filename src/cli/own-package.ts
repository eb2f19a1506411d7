import * as nodeModule from "node:module";

/**
 * Lets `import … from "llmproc"` in a callback file mean this very package, wherever the file lies: a `Veto` of a
 * second copy would be no `Veto` here, and next to a global install there is no copy to be found. Node before 22.15
 * has no such hooks; there, the package is looked up from the file as usual.
 */
export function provideOwnPackage(): void {
  if (typeof nodeModule.registerHooks !== "function") return;
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const own = new Map([
    ["llmproc", new URL(`../index${ending}`, import.meta.url).href],
    ["llmproc/testing", new URL(`../testing${ending}`, import.meta.url).href],
  ]);
  nodeModule.registerHooks({
    resolve: (specifier, context, next) => next(own.get(specifier) ?? specifier, context),
  });
}
