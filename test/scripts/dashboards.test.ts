import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ObjectSerializer } from "@datadog/datadog-api-client/dist/packages/datadog-api-client-v1/models/ObjectSerializer.js";
import { datadogMonitors } from "../../scripts/dashboards/datadog-monitors.ts";
import { importFiles } from "../../scripts/dashboards/import-files.ts";
import { metricDescriptions } from "../../scripts/dashboards/metric-descriptions.ts";

const FOLDER = join(import.meta.dir, "../../scripts/dashboards");
const files = importFiles();
const dashboard: unknown = JSON.parse(files["datadog-dashboard.json"] ?? "");

const known = metricDescriptions().map(({ metric }) => metric);

describe("files to import", () => {
  test.each(Object.keys(files))("%s is what scripts/dashboards/write.ts writes", (name) => {
    expect(readFileSync(join(FOLDER, name), "utf8")).toBe(files[name] ?? "");
  });

  test.each(["datadog-dashboard.json", "datadog-monitors.jsonl", "grafana-dashboard.json"])(
    "%s shows only metrics that Chouette emits",
    (name) => {
      const named = [...(files[name] ?? "").matchAll(/(?<!\[)\b[Cc]houette\.[\w.]+\w/g)].map(
        ([metric]) => metric,
      );
      expect(named.length).toBeGreaterThan(5);
      expect([...new Set(named)].filter((metric) => ![...known, "chouette.up"].includes(metric))).toEqual([]);
    },
  );

  test("every metric is described once", () => {
    expect(known.length).toBeGreaterThan(80);
    expect(known).toEqual([...new Set(known)]);
  });
});

describe("Datadog's own models take", () => {
  const checked = (body: unknown, model: string) => {
    const parsed = ObjectSerializer.deserialize(body, model, "");
    expect(JSON.stringify(parsed)).not.toContain("_unparsed");
    return ObjectSerializer.serialize(parsed, model, "");
  };

  test("the dashboard, with every widget", () => {
    expect(checked(dashboard, "Dashboard")).toMatchObject({ layout_type: "ordered" });
  });

  test("each monitor", () => {
    const monitors = datadogMonitors() as { name: string; query: string }[];
    for (const monitor of monitors)
      expect(checked(monitor, "Monitor")).toMatchObject({ name: monitor.name, query: monitor.query });
    expect(monitors.length).toBe(9);
  });

  test("the descriptions of metrics", () => {
    for (const { metric: _, ...body } of metricDescriptions())
      expect(checked(body, "MetricMetadata")).toEqual(body);
  });

  test("nothing that is not one: a widget of an unknown type", () => {
    const widget = { definition: { type: "time-series", requests: [] } };
    expect(JSON.stringify(ObjectSerializer.deserialize(widget, "Widget", ""))).toContain("_unparsed");
  });
});
