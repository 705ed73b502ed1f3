import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { unitOf } from "../../src/records/metric-unit.ts";

/** The body of PUT /api/v1/metrics/NAME (https://docs.datadoghq.com/api/latest/metrics/#edit-metric-metadata). */
export type MetricDescription = { metric: string; description: string; unit?: string };

const SRC = resolve(import.meta.dir, "../../src");

/** Returns what Datadog should know of each metric of Chouette, from the tables `| metric | unit | …` of the READMEs in src. */
export function metricDescriptions(): MetricDescription[] {
  const readmes = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("README.md"),
  );
  return readmes
    .sort()
    .flatMap((file) => [...readFileSync(join(SRC, file), "utf8").matchAll(ROW)])
    .map(([, metric = "", description = ""]) => {
      const unit = unitOf(metric);
      return { metric, description, ...(unit !== undefined && { unit }) };
    });
}

/** `| `Chouette.host.fs.used` | bytes | `device` | `fs` |` */
const ROW = /^\| `([Cc]houette\.[\w.]+)` *\| ([^|]+?) *\|/gm;
