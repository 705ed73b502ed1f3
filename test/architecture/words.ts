const NOBODY = /^$/;

/** What only some files may say: the rule, its pattern, an example of it, and who is exempt. */
export const WORDS: readonly (readonly [what: string, word: RegExp, example: string, exempt: RegExp])[] = [
  [
    "only main.ts and program.ts touch the process, and end it",
    /\bprocess\./,
    "process.exit(1)",
    /^(main|program)\.ts$/,
  ],
  ["classes are errors", /\bclass (?!\w+ extends Error\b)\w+/, "export class Queue {", NOBODY],
  ["the same source runs in Node, nothing is of Bun", /\bBun\.|"bun(:\w+)?"/, 'from "bun:sqlite"', NOBODY],
  // The date of an answer is compared with the clock of the machine; nothing is measured.
  [
    "the clock is an argument",
    /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    "Date.now() / 1000",
    /^(schedule\/clock|datadog\/http\/intake)\.ts$/,
  ],
  [
    "a plugin's values pass the rule of plugins/reading.ts",
    /\bgauge\(/,
    'gauge("room.temperature", celsius, at)',
    /^(model|plugins\/reading|plugins\/own\/readings|jobs\/self-metrics)\.ts$/,
  ],
  ["nothing is printed but through what is handed in", /\bconsole\./, "console.log(1)", NOBODY],
  [
    "HTTP is spoken through node:http, which knows sockets and proxies",
    /\bfetch\(/,
    "await fetch(url)",
    NOBODY,
  ],
  ["no file exports the whole of another", /^export \*/m, 'export * from "./a.ts"', NOBODY],
];

/** What no file says, not even in a comment. */
export const NOWHERE: readonly (readonly [what: string, word: RegExp, example: string])[] = [
  [
    "the compiler and the linter are not silenced",
    /@ts-(ignore|expect-error|nocheck)|biome-ignore/,
    "// @ts-ignore",
  ],
  ["nothing is left for later", /\b(TODO|FIXME|XXX)\b/, "// TODO: mend"],
];
