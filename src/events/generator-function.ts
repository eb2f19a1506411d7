/** Calling a generator function runs nothing of it: nobody pulls. */
export function isGeneratorFunction(value: unknown): boolean {
  const tag = typeof value === "function" ? Object.prototype.toString.call(value) : "";
  return tag === "[object GeneratorFunction]" || tag === "[object AsyncGeneratorFunction]";
}
