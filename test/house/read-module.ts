import { parseSync, Visitor } from "oxc-parser";

/** One way in which a file names another module. */
export interface ModuleImport {
  readonly specifier: string;
  /** It runs the other module before this one: not a type, not `import()`. */
  readonly isValue: boolean;
}

export interface ModuleFacts {
  readonly imports: readonly ModuleImport[];
  /** Text literals and the text of templates. */
  readonly literals: readonly string[];
  /** The source without its comments. */
  readonly code: string;
}

/** What the house tests need to know of one file. Throws if it does not parse. */
export function readModule(path: string, source: string): ModuleFacts {
  const { program, comments, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const imports: ModuleImport[] = [];
  const literals: string[] = [];
  const add = (from: { value: unknown } | null | undefined, isValue: boolean) => {
    if (typeof from?.value === "string") imports.push({ specifier: from.value, isValue });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind !== "type"),
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind !== "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind !== "type"),
    ImportExpression: (node) => add(node.source.type === "Literal" ? node.source : undefined, false),
    TSImportType: (node) => add(node.source, false),
    Literal: (node) => {
      if (typeof node.value === "string") literals.push(node.value);
    },
    TemplateElement: (node) => void literals.push(node.value.cooked ?? node.value.raw),
  }).visit(program);
  const code = comments.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), source);
  return { imports, literals, code };
}
