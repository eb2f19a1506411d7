/**
 * What a value may be, as plain data: the checker, the types and the editors' JSON Schema all read it.
 * Keys are written as program files spell them (`snake_case`); what comes out of a check is `camelCase`.
 */
export type Schema<T = unknown> = SchemaNode & { readonly type?: T };

export type SchemaNode =
  | { readonly kind: "text"; readonly allowEmpty: boolean }
  | { readonly kind: "flag" }
  | { readonly kind: "number"; readonly whole: boolean; readonly min: number; readonly max: number }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "list"; readonly of: Schema; readonly min: number }
  | { readonly kind: "record"; readonly of: Schema }
  | { readonly kind: "table"; readonly keys: Readonly<Record<string, Field>> }
  | { readonly kind: "either"; readonly of: readonly Schema[] }
  | { readonly kind: "data" }
  /** Known, but not built: refused with this reason, so that nothing a user wrote is ignored in silence. */
  | { readonly kind: "not_yet"; readonly reason: string }
  /** Only in code: something with methods. `expected` names it. */
  | { readonly kind: "instance"; readonly expected: string; readonly is: (value: unknown) => boolean };

export interface Field<T = unknown> {
  readonly schema: Schema<T>;
  readonly optional: boolean;
  /** Another spelling of the key. */
  readonly alias: string | undefined;
}

export type Infer<S> = S extends { readonly type?: infer T } ? T : never;

/** `max_attempts` → `maxAttempts`. */
export type CamelCase<K extends string> = K extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : K;

type Keys = Readonly<Record<string, Schema | OptionalField>>;
type OptionalField<T = unknown> = Field<T> & { readonly optional: true };
type OptionalKeys<K extends Keys> = { [P in keyof K]: K[P] extends OptionalField ? P : never }[keyof K];
export type TableOf<K extends Keys> = {
  readonly [P in Exclude<keyof K, OptionalKeys<K>> as CamelCase<P & string>]: Infer<K[P]>;
} & {
  readonly [P in OptionalKeys<K> as CamelCase<P & string>]?: K[P] extends OptionalField<infer T> ? T : never;
};

export function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

export function text({ allowEmpty = false }: { allowEmpty?: boolean } = {}): Schema<string> {
  return { kind: "text", allowEmpty };
}

export function flag(): Schema<boolean> {
  return { kind: "flag" };
}

/** A whole number. */
export function count({ min = 0, max = Number.MAX_VALUE } = {}): Schema<number> {
  return { kind: "number", whole: true, min, max };
}

export function amount({ min = 0, max = Number.MAX_VALUE } = {}): Schema<number> {
  return { kind: "number", whole: false, min, max };
}

export function choice<const V extends readonly string[]>(...values: V): Schema<V[number]> {
  return { kind: "choice", values };
}

export function list<T>(of: Schema<T>, { min = 0 } = {}): Schema<readonly T[]> {
  return { kind: "list", of, min };
}

/** A table whose keys are the user's own. */
export function record<T>(of: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return { kind: "record", of };
}

/** A table whose keys are all known. */
export function table<K extends Keys>(keys: K): Schema<TableOf<K>> {
  const fields: Record<string, Field> = {};
  for (const [key, value] of Object.entries(keys)) fields[key] = "schema" in value ? value : required(value);
  return { kind: "table", keys: fields };
}

/** The first whose kind of value fits is the one that a value is checked against. */
export function either<S extends readonly Schema[]>(...of: S): Schema<Infer<S[number]>> {
  return { kind: "either", of };
}

/** Any plain data, untouched. */
export function data<T>(): Schema<T> {
  return { kind: "data" };
}

export function notYet(reason: string): OptionalField<never> {
  return optional<never>({ kind: "not_yet", reason });
}

export function instance<T>(expected: string, is: (value: unknown) => value is T): Schema<T> {
  return { kind: "instance", expected, is };
}

export function optional<T>(schema: Schema<T>, { alias }: { alias?: string } = {}): OptionalField<T> {
  return { schema, optional: true, alias };
}

function required(schema: Schema): Field {
  return { schema, optional: false, alias: undefined };
}
