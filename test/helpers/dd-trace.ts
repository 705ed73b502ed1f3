import { mkdirSync } from "node:fs";
import { cached, run } from "../../scripts/machines/debian-root.ts";

const VERSION = "5.132.0";

/**
 * Returns the folder of Datadog's tracer, whose DogStatsD client applications use as `tracer.dogstatsd`. It is not among the
 * development packages: with its optional profilers and firewalls it weighs 100 MB, without them, as here, 14.
 */
export function ddTrace(): Promise<string> {
  return cached(`dd-trace-${VERSION}`, async (path) => {
    mkdirSync(path);
    const quiet = ["--omit=optional", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    await run(["npm", "install", ...quiet, "--prefix", path, `dd-trace@${VERSION}`]);
  });
}
