import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Files and outputs of real boards; index.json has what a person read in them. */
const FOLDER = join(import.meta.dir, "..", "..", "fixtures", "rpi-captures");
const index: Captured[] = JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8"));

type Captured = { file: string; kind: string; expected?: unknown };

/** Those of one kind, at least one: the file's name, its text, and what it says. */
export function captures<Expected>(kind: string): [file: string, text: string, expected: Expected][] {
  const entries = index.filter((entry) => entry.kind === kind);
  if (entries.length === 0) throw new Error(`no capture of ${kind} in ${FOLDER}/index.json`);
  return entries.map(({ file, expected }) => [
    file,
    readFileSync(join(FOLDER, file), "utf8"),
    expected as Expected,
  ]);
}
