import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cached, run } from "./debian-root.ts";

/**
 * Returns the node_modules of a package (`statsd@0.9.0`) that is too heavy, or too seldom used, to be among the development
 * packages. It is installed without what is optional, when it is missing.
 */
export async function npmFolder(spec: string): Promise<string> {
  const folder = await cached(spec.replace("/", "-"), async (path) => {
    mkdirSync(path);
    const quiet = ["--omit=optional", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    await run(["npm", "install", ...quiet, "--prefix", path, spec]);
  });
  return join(folder, "node_modules");
}
