import { writeSync } from "node:fs";

/** Set by build.ts. */
declare const CHOUETTE_VERSION: string | undefined;
declare const CHOUETTE_BUILT_AT: number | undefined;

const version = typeof CHOUETTE_VERSION === "string" ? CHOUETTE_VERSION : "0.0.0-source";
const builtAt = typeof CHOUETTE_BUILT_AT === "number" ? CHOUETTE_BUILT_AT : undefined;
const words = process.argv.slice(2);

// The version is printed before anything else is loaded; programs read its first line.
if (words.length === 1 && ["--version", "-V"].includes(words[0] ?? ""))
  writeSync(1, `${version}\nruntime: ${runtime()}\n`);
else void import("./program.ts").then(({ startProgram }) => startProgram(words, version, builtAt));

/** Bun tells its version beside that of the Node.js it stands in for. */
function runtime(): string {
  const { bun, node } = process.versions;
  return bun === undefined ? `Node.js ${node}` : `Bun ${bun}`;
}
