import { existsSync, readdirSync } from "node:fs";
import { isRotated } from "./siblings.ts";

/** Files that one pattern may name. */
const MOST = 500;

const WILDCARD = /[*?[]/;

/** True when the path has `*`, `?` or `[…]` in it. */
export function isGlob(path: string): boolean {
  return WILDCARD.test(path);
}

/**
 * Returns the paths that a glob names below `root`, without the root, sorted; `*`, `?` and `[…]` stand for no slash. What rotation
 * put aside is left out; a path without a wildcard is returned as it is.
 */
export function findFiles(root: string, glob: string): string[] {
  if (!isGlob(glob)) return [glob];
  let found = [""];
  for (const segment of glob.split("/").slice(1))
    found = found.flatMap((directory) =>
      isGlob(segment)
        ? namesIn(`${root}${directory}`, segment).map((name) => `${directory}/${name}`)
        : [`${directory}/${segment}`],
    );
  return found
    .filter((path) => !isRotated(path) && existsSync(`${root}${path}`))
    .sort()
    .slice(0, MOST);
}

function namesIn(directory: string, segment: string): string[] {
  const pattern = regExpOf(segment);
  try {
    return readdirSync(directory || "/").filter(
      (name) => pattern.test(name) && (!name.startsWith(".") || segment.startsWith(".")),
    );
  } catch {
    return [];
  }
}

function regExpOf(segment: string): RegExp {
  const source = segment
    .replace(/\*+/g, "*")
    .replace(/[\\^$.+(){}|]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]")
    .replace(/\[!/g, "[^");
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /^$/;
  }
}
