import { writeSync } from "node:fs";

/** Set by build.ts. */
declare const CHOUETTE_VERSION: string | undefined;

const version = typeof CHOUETTE_VERSION === "string" ? CHOUETTE_VERSION : "0.0.0-source";
const words = process.argv.slice(2);

// The version is printed before anything else is loaded.
if (words.length === 1 && ["--version", "-V"].includes(words[0] ?? "")) writeSync(1, `${version}\n`);
else void import("./program.ts").then(({ startProgram }) => startProgram(words, version));
