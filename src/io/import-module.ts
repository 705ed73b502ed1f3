import module from "node:module";
import { resolve } from "node:path";
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
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw inWordsOfTypeScript(error);
  }
}

/** Bun has no `register` and needs none. In Node it costs a thread and a second: a `.mjs` is spared them. */
function prepare(): void {
  if (!prepared && typeof module.register === "function")
    module.register(`data:text/javascript,${encodeURIComponent(TELL_MODULES_BY_SYNTAX)}`);
  prepared = true;
}

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
