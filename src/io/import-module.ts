import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Makes Node treat a `.js` file with ES module syntax as such, whatever package.json says, which it does itself since 20.19. */
const TELL_MODULES_BY_SYNTAX = `
import { readFile } from "node:fs/promises";
import { compileFunction } from "node:vm";
const OF_MODULES = /import statement outside a module|Unexpected token 'export'|'import.meta' outside a module/;
export async function load(url, context, next) {
  if (context.format !== "commonjs" || !/^file:.*\\.js$/.test(url)) return next(url, context);
  const source = await readFile(new URL(url), "utf8");
  try {
    compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"]);
  } catch (error) {
    if (OF_MODULES.test(error.message)) return { format: "module", source, shortCircuit: true };
  }
  return next(url, context);
}`;

let prepared = false;

/**
 * Imports the custom module at `path`, in JavaScript or, if the runtime supports it, TypeScript; relative to the working
 * directory. Reads it once, even if the file changes. Rejects with the error of the runtime or the module.
 */
export async function importModule(path: string): Promise<unknown> {
  if (path.endsWith(".js")) prepare();
  const file = resolve(path);
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (!existsSync(file))
      throw new Error(`there is no such file${file === path ? "" : ` (${file})`}: ls -l ${dirname(file)}`, {
        cause: error,
      });
    throw inWordsOfTypeScript(withLine(error, file));
  }
}

/** Bun has no `register` and needs none. In Node it costs a thread and a second: a `.mjs` is spared them. */
function prepare(): void {
  if (!prepared && typeof module.register === "function")
    module.register(`data:text/javascript,${encodeURIComponent(TELL_MODULES_BY_SYNTAX)}`);
  prepared = true;
}

/** What Bun knows about a mistake in the syntax; Node 20 does not say where it is. */
type Located = { message: string; position?: { file: string; line: number; lineText: string } | null };

/** Returns a mistake in the syntax with its line: `line 3: Expected "}" but found "value": return [ { metric: "a" value: 1 } ];`. */
function withLine(error: unknown, file: string): unknown {
  const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const { message, position } = (all[0] ?? {}) as Partial<Located>;
  if (position === undefined || position === null) return error;
  const where = position.file === file ? "" : `${position.file}, `;
  return new SyntaxError(
    `${where}line ${position.line}: ${message}: ${position.lineText.trim().slice(0, LONGEST)}`,
    {
      cause: error,
    },
  );
}

/** Characters of a line that are shown. */
const LONGEST = 100;

/** `Unknown file extension ".ts" for /etc/chouette/attic.ts`, which may be imported by the module that was asked for. */
function inWordsOfTypeScript(error: unknown): unknown {
  const file = /^Unknown file extension "\.[cm]?ts" for (.+)$/.exec(
    (error as Partial<Error>)?.message ?? "",
  )?.[1];
  if (file === undefined) return error;
  const compiled = file.replace(/\.[cm]?ts$/, ".mjs");
  return new Error(
    `${file} is TypeScript, which the executable for 32-bit ARM cannot read. Compile it elsewhere: npx esbuild ${file} --bundle --platform=node --format=esm --outfile=${compiled}`,
  );
}
