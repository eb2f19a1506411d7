import { parseSync } from "oxc-parser";

/**
 * The names that a file exports, sorted; types are marked. The file must list them by hand: `export *` and
 * a default export are faults.
 */
export function exportedNames(path: string, source: string): string[] {
  const { module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const names = module.staticExports.flatMap(({ entries }) => {
    return entries.map(({ exportName, isType }) => {
      if (exportName.kind !== "Name")
        throw new Error(`${path} exports what it does not name: list every name by hand.`);
      return isType ? `type ${exportName.name}` : `${exportName.name}`;
    });
  });
  return names.sort();
}
