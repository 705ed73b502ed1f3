import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dir, "..", "..", "fixtures", "rpi-captures");

/** A file as some device printed it; `path` as in index.json there. */
export function captured(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

/** What a person read in that file. */
export function readByHand<T>(path: string): T {
  const index: { file?: string; expected?: unknown }[] = JSON.parse(captured("index.json"));
  const entry = index.find(({ file }) => file === path);
  if (entry?.expected === undefined) throw new Error(`index.json expects nothing of ${path}`);
  return entry.expected as T;
}
