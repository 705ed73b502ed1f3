import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

export const SRC = join(import.meta.dir, "..", "..", "src");

/** `from` is below src/, and so is `to` unless it is a library or a `node:` module; `type`: gone when the program runs. */
export type Import = { from: string; to: string; type: boolean };

/** Static imports and re-exports, by the text: a transpiler drops those of types; and `import("…")`. */
export function importsOf(from: string): Import[] {
  const text = codeOf(from);
  const statements = [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^;"]*?\sfrom\s+)?"([^"]+)"/gm)];
  const dynamic = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(
    ([, to]) => [undefined, undefined, to] as const,
  );
  return [...statements, ...dynamic].map(([, type, to = ""]) => ({
    from,
    to: to.startsWith(".") ? normalize(join(dirname(from), to)) : to,
    type: type !== undefined,
  }));
}

/** Without comments, roughly: the lines that are nothing else, and what stands behind ` // `. */
export function codeOf(file: string): string {
  return readFileSync(join(SRC, file), "utf8")
    .replace(/^\s*(\/\/|\/?\*).*$/gm, "")
    .replace(/ \/\/ .*$/gm, "");
}

/** TypeScript files below a folder, but for fixtures. */
export function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("fixtures/"))
    .sort();
}
