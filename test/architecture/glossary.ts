import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow, SRC } from "./sources.ts";

/** Stilted words, what to write instead, and an example; for the prose of the project and the titles of its tests. */
export const STILTED: readonly (readonly [word: RegExp, better: string, example: string])[] = [
  [/\bmend(s|ed|ing)?\b/i, "fix, repair", "mend the variable"],
  [/\bfor ever\b/i, "forever", "tries for ever"],
  [/\bof whom\b/i, "whose", "an agent of whom nothing is known"],
  [/\bwhoever\b/i, "the process that", "whoever answers"],
  [/\b(gets?|got|getting) on\b/i, "makes progress", "a run that has not got on"],
  [/\b(go|goes|went) on\b/i, "continue", "the agent goes on"],
  [/\bat work\b/i, "running, in use", "another agent is at work"],
  [/(?<!\bthere )\b(is|are|was|were) no (?!longer\b|more\b|such\b)\w/i, "is not a", "it is no number"],
  [/\bone's own\b/i, "custom", "one's own module"],
  [/\b(has|have|had) to be\b/i, "must be", "it has to be set"],
  [/(?<!\bas )\bof now\b/i, "current", "the unit of now"],
  [/\b(comes?|came|becomes?|became) of\b/i, "results from", "what becomes of it"],
  [/\b(taken|takes?|took) over\b/i, "apply, replace, acquire", "the configuration was taken over"],
  [
    /\b(is|are|was|were|be|been|being) (told|said)\b(?! apart)/i,
    "is logged, reported",
    "trouble is told once",
  ],
  [/\b(is|are|was|were|be|been) away\b/i, "is down, unreachable", "Redis is away"],
  [/\bslips?\b/i, "mistake", "a slip in the configuration"],
  [/\banew\b/i, "again", "read anew"],
  [/\bin words\b/i, "the reason", "why, in words"],
  [/\bstrangers?\b/i, "other programs", "what strangers left"],
  [/\bplays? no part\b/i, "does not matter", "the order plays no part"],
];

const ROOT = join(SRC, "..");

/** Returns `[file, text]` of everything people read: whole files, and of test files the titles. */
export function prose(): [file: string, text: string][] {
  const whole = [
    "README.md",
    "CHANGELOG.md",
    "install.sh",
    "build.ts",
    ...below("src"),
    ...below("scripts"),
    ...below("systemd"),
  ];
  const titled = filesBelow(join(ROOT, "test")).filter((file) => !file.startsWith("architecture"));
  return [
    ...whole.map((file): [string, string] => [file, readFileSync(join(ROOT, file), "utf8")]),
    ...titled.map((file): [string, string] => [
      `test/${file}`,
      titlesIn(readFileSync(join(ROOT, "test", file), "utf8")),
    ]),
  ];
}

/** Returns the titles in a test file, one per line: of `test("…"`, `describe("…"`, and behind the rows of `.each([…])("…"`. */
export function titlesIn(text: string): string {
  const titles =
    /(?:\b(?:test|describe)(?:\.\w+)*|\]\)|\btest\.each\([^\n]*\)|\bdescribe\.each\([^\n]*\))(?:<[^\n]*>)?\(\s*(["'`])(.*?)\1,/g;
  return [...text.matchAll(titles)].map(([, , title]) => title).join("\n");
}

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}
