import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");

/** Paths below the root of every README of the project; fixtures have captures of other programs. */
export const README_PATHS: readonly string[] = ["README.md", ...["scripts", "src", "systemd"].flatMap(below)];

/** Returns the text of a file below the root. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Returns the fenced blocks of a README in these languages (`sh`, `js`, …). */
export function blocksIn(path: string, languages: readonly string[]): { language: string; text: string }[] {
  const blocks = [...readText(path).matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return blocks
    .map(([, language = "", text = ""]) => ({ language, text }))
    .filter(({ language }) => languages.includes(language));
}

/** Returns the cells of the first table of a section, without its headings. */
export function tableIn(path: string, heading: string): string[][] {
  const section = readText(path)
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`));
  const rows = (section ?? "").split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function below(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path === "README.md" || path.endsWith("/README.md"))
    .map((path) => join(folder, path))
    .sort();
}
