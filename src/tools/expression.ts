/** An arithmetic expression as a tree. Whether its names mean anything is not known here. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "operator" | "function"; readonly name: string; readonly args: readonly Expression[] };

/** The text is no expression; the message says where it goes wrong, and ends without a full stop. */
export class ExpressionError extends Error {}

/**
 * Reads an expression by the usual rules. From what binds least to what binds most:
 *
 *     sum      a + b, a - b
 *     product  a * b, a / b, a % b, a mod b
 *     implied  2 pi, 3 (a + b)     more than a / b does; but 1/2 pi is half of pi
 *     signed   -a, +a              less than a ^ b does: -2 ^ 2 is -4
 *     power    a ^ b, a ** b       from the right: 2 ^ 3 ^ 2 is 2 ^ 9; the exponent may have a sign
 *     postfix  a!
 *     value    12, 1.5e-3, 0xff, pi, sqrt(a), (a)
 *
 * Recurses as deep as the expression is nested: its length is for the caller to bound.
 *
 * @throws ExpressionError
 */
export function parseExpression(text: string): Expression {
  return new Parser(tokensOf(text)).whole();
}

interface Token {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  /** Whether a line ends before it. */
  readonly startsLine: boolean;
}

const NUMBER = /(?:0x[\da-f]+|0b[01]+|0o[0-7]+)(?![\p{L}\p{N}_])|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/u;
const TOKEN = new RegExp(`(\\s*)(?:(${NUMBER.source})|([\\p{L}_$][\\p{L}\\p{N}_$]*)|(\\*\\*|[-+*/%^!(),]))`, "iuy");

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const whole = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < whole.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(whole);
    if (match === null) throw unreadable(whole.slice(start).trimStart());
    const [, space = "", number, name, sign = ""] = match;
    const startsLine = space.includes("\n");
    if (number !== undefined) tokens.push({ kind: "number", text: number, startsLine });
    else if (name !== undefined) tokens.push({ kind: name === "mod" ? "sign" : "name", text: name, startsLine });
    else tokens.push({ kind: "sign", text: sign, startsLine });
  }
  return tokens;
}

function unreadable(rest: string): ExpressionError {
  const problem = /^["'`]/.test(rest) ? "is not a number" : "is not expected";
  return new ExpressionError(`${shown(rest)} ${problem}`);
}

const END: Token = { kind: "end", text: "", startsLine: false };

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#sum();
    if (this.#look().kind !== "end") throw this.#unexpected();
    return expression;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let sign = this.#take("+", "-"); sign !== undefined; sign = this.#take("+", "-")) {
      left = { kind: "operator", name: sign, args: [left, this.#product()] };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#implied();
    for (let sign = this.#take("*", "/", "%", "mod"); sign !== undefined; sign = this.#take("*", "/", "%", "mod")) {
      left = { kind: "operator", name: sign === "mod" ? "%" : sign, args: [left, this.#implied()] };
    }
    return left;
  }

  #implied(): Expression {
    let left = this.#fraction();
    while (this.#multipliesNext()) left = { kind: "operator", name: "*", args: [left, this.#fraction()] };
    return left;
  }

  /** Two numbers side by side are a slip, and so is what goes on in another line. */
  #multipliesNext(): boolean {
    const { kind, text, startsLine } = this.#look();
    if (startsLine) return false;
    return kind === "name" || text === "(" || (kind === "number" && this.#look(-1).kind !== "number");
  }

  /** Of two numbers, where something stands behind it that it multiplies: 1/2 pi. */
  #fraction(): Expression {
    const left = this.#signed();
    const isNumber = isSignedNumber(left) && this.#look(-1).kind === "number";
    if (!isNumber || this.#look().text !== "/" || this.#look(1).kind !== "number") return left;
    const behind = this.#look(2);
    if (behind.startsLine || (behind.kind !== "name" && behind.text !== "(")) return left;
    this.#at++;
    return { kind: "operator", name: "/", args: [left, this.#signed()] };
  }

  #signed(): Expression {
    const sign = this.#take("-", "+");
    return sign === undefined ? this.#power() : { kind: "operator", name: sign, args: [this.#signed()] };
  }

  #power(): Expression {
    const base = this.#postfix();
    if (this.#take("^", "**") === undefined) return base;
    return { kind: "operator", name: "^", args: [base, this.#signed()] };
  }

  #postfix(): Expression {
    let value = this.#value();
    while (this.#take("!") !== undefined) value = { kind: "operator", name: "!", args: [value] };
    return value;
  }

  #value(): Expression {
    const { kind, text } = this.#look();
    if (kind === "number") {
      this.#at++;
      return { kind, value: Number(text) };
    }
    if (kind === "name") {
      this.#at++;
      return this.#take("(") === undefined
        ? { kind, name: text }
        : { kind: "function", name: text, args: this.#args() };
    }
    if (this.#take("(") === undefined) throw this.#unexpected();
    const inside = this.#sum();
    if (this.#take(")") === undefined) throw this.#unexpected();
    return inside;
  }

  #args(): readonly Expression[] {
    const args: Expression[] = [];
    if (this.#take(")") !== undefined) return args;
    do args.push(this.#sum());
    while (this.#take(",") !== undefined);
    if (this.#take(")") === undefined) throw this.#unexpected();
    return args;
  }

  /** The token `ahead` of the next one. */
  #look(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  /** Passes the next token if it is one of these. */
  #take(...signs: readonly string[]): string | undefined {
    const { kind, text } = this.#look();
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    this.#at++;
    return text;
  }

  #unexpected(): ExpressionError {
    const { kind, text } = this.#look();
    if (kind === "end") return new ExpressionError("it ends where a value or a bracket is missing");
    const before = this.#look(-1).text;
    return new ExpressionError(
      `${shown(text)} is not expected ${before === "" ? "at the start" : `after ${shown(before)}`}`,
    );
  }
}

function isSignedNumber(expression: Expression): boolean {
  if (expression.kind !== "operator") return expression.kind === "number";
  return expression.args.length === 1 && expression.args[0]?.kind === "number" && expression.name !== "!";
}

function shown(text: string): string {
  return JSON.stringify(text.length > 20 ? `${text.slice(0, 20)}…` : text);
}
