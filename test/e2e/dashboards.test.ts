import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { datadogDashboard } from "../../scripts/dashboards/datadog-dashboard.ts";
import { grafanaDashboard } from "../../scripts/dashboards/grafana-dashboard.ts";
import { type Query, ROWS } from "../../scripts/dashboards/panels.ts";
import { promql } from "../../scripts/dashboards/promql.ts";
import { DEVICES, sendSampleDevices } from "../../scripts/dashboards/sample-devices.ts";
import { startVictoriaMetrics, type VictoriaMetrics } from "../../scripts/servers/victoria-metrics.ts";

/** Both dashboards over what the agent sent of captured devices: each query is run by a real VictoriaMetrics. */
setDefaultTimeout(60_000);

const FIXTURES = join(import.meta.dir, "../fixtures");

let server: VictoriaMetrics;
beforeAll(async () => {
  server = await startVictoriaMetrics();
  await sendSampleDevices(server.intakeUrl, 5);
});
afterAll(() => server.stop());

const queries = ROWS.flatMap(({ panels }) =>
  panels.flatMap((panel) => panel.queries.map((query) => [panel.title, query] as const)),
);

describe("what the panels show", () => {
  test.each(queries)("%s: %j has data, with the values of the captures", async (_, query) => {
    const shown = await server.query(promql(query, "", "5m"));
    expect(shown).not.toEqual([]);
    const captured = capturedValues(query);
    // Some captures hold what only a program of the device tells, which the agent does not run here.
    for (const { value } of captured === undefined ? [] : shown) expect(captured).toContain(value);
  });

  test("a value is compared for each captured device", () => {
    const compared = queries
      .filter(([, query]) => capturedValues(query) !== undefined)
      .map(([, { metric }]) => metric);
    for (const name of [
      "rpi.temperature",
      "tegrastats.power",
      "cgroups.memory.working_set",
      "docker.memory.usage",
      "host.la",
    ])
      expect(compared).toContain(`Chouette.${name}`);
  });
});

test("every query of Grafana's dashboard returns what its panel shows", async () => {
  const { panels } = grafanaDashboard() as { panels: { targets?: { expr: string }[] }[] };
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  expect(expressions.length).toBe(queries.length);
  for (const [index, expression] of expressions.entries()) {
    const filled = expression
      .replaceAll("$host", ".*")
      .replaceAll("$__rate_interval", "5m")
      .replaceAll("$__interval", "5m");
    expect(await sorted(filled)).toEqual(await sorted(promqlAt(index)));
  }
});

test("every query of Datadog's dashboard, in PromQL, returns what its panel shows", async () => {
  type Widgets = { definition: { widgets: { definition: { requests: { q: string }[] } }[] } }[];
  const { widgets } = datadogDashboard() as { widgets: Widgets };
  const asked = widgets.flatMap((row) =>
    row.definition.widgets.flatMap(({ definition }) => definition.requests.map(({ q }) => q)),
  );
  expect(asked.length).toBe(queries.length);
  for (const [index, query] of asked.entries())
    expect(await sorted(fromDatadog(query))).toEqual(await sorted(promqlAt(index)));
});

const promqlAt = (index: number) => promql(queries[index]?.[1] ?? neverThere(), "", "5m");

function neverThere(): never {
  throw new Error("no such query");
}

/** The values of a query, with the labels that name their series. */
async function sorted(expression: string): Promise<string[]> {
  const shown = await server.query(expression);
  expect(shown).not.toEqual([]);
  return shown.map(({ labels, value }) => `${JSON.stringify(Object.entries(labels).sort())} ${value}`).sort();
}

/** `100 * avg:used{$host,$tags} by {host}`, `clamp_min(per_second(avg:m{…} by {host}), 0) * 2`, `sum:m{…} by {host}.as_count()` */
function fromDatadog(query: string): string {
  return query.replace(
    /(clamp_min\(per_second\()?(avg|max|sum):([\w.]+)\{\$host,\$tags,?([^}]*)\} by \{([\w,]+)\}(\), 0\)|\.as_count\(\))?/g,
    (_, rate, over, metric, filter, tags, end) => {
      const where = filter === "" ? "" : `,${filter.replace(":", '="')}"`;
      const selector = `{__name__="${metric}"${where}}`;
      const values =
        rate !== undefined
          ? `rate(${selector}[5m])`
          : end === ".as_count()"
            ? `sum_over_time(${selector}[5m])`
            : selector;
      return `${over} by (${tags}) (${values})`;
    },
  );
}

/** The values of a metric in the captures of the devices; undefined for those that this machine adds to, and for sums. */
function capturedValues({ metric, as, where }: Query): number[] | undefined {
  if (as !== "value" || /^chouette\.|host\.(cpu|temperature)|cgroups\.cpu/.test(metric)) return undefined;
  const values = DEVICES.flatMap(({ fixtures }) => fixtures).flatMap((fixture) => {
    type Point = { metric: string; value: number; tags: string[] };
    const captures: { points?: Point[] }[] = JSON.parse(
      readFileSync(join(FIXTURES, fixture, "expected.json"), "utf8"),
    );
    const points = captures.flatMap((capture) => capture.points ?? []);
    return points.filter(
      (point) => point.metric === metric && (where === undefined || point.tags.includes(where.join(":"))),
    );
  });
  return values.length === 0 ? undefined : values.map(({ value }) => value);
}
