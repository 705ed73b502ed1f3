import { RE2JS } from "re2js";

/** A pattern of the owner. */
export type Pattern = {
  /** True when it is found anywhere in the text. */
  found(text: string): boolean;
  /** Replaces everything that it matches. */
  replaceAll(text: string, by: string): string;
};

/**
 * Compiles a pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax), whose time is linear in the text whatever the
 * pattern: it has neither look-around nor back-references. Throws an Error that says what is wrong with it.
 */
export function compilePattern(source: string): Pattern {
  const compiled = RE2JS.compile(source);
  return {
    found: (text) => compiled.matcher(text).find(),
    replaceAll: (text, by) => compiled.matcher(text).replaceAll(by),
  };
}
