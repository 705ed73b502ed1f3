import { columnsOf, type Panel, ROWS, TITLE, type Unit } from "./panels.ts";
import { promql } from "./promql.ts";

/** Columns of Grafana's grid, and the height of a panel in it. */
const COLUMNS = 24;
const HEIGHT = 8;

/** Grafana's units (packages/grafana-data/src/valueFormats/categories.ts of grafana/grafana). */
const UNITS: Readonly<Record<Unit, string>> = {
  byte: "decbytes",
  "bytes per second": "Bps",
  percent: "percent",
  "degree celsius": "celsius",
  milliwatt: "mwatt",
  hertz: "hertz",
  second: "s",
  none: "short",
};

const SOURCE = { type: "prometheus", uid: "$datasource" };

/** Returns the dashboard as Grafana imports it (Dashboards → New → Import), over VictoriaMetrics or Prometheus. */
export function grafanaDashboard(): object {
  let id = 0;
  let y = 0;
  const panels = ROWS.flatMap((each) => {
    const { title, panels: ofRow } = each;
    const perRow = columnsOf(each);
    const row = {
      id: ++id,
      type: "row",
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    };
    const below = y + 1;
    y = below + HEIGHT * Math.ceil(ofRow.length / perRow);
    return [row, ...ofRow.map((panel, index) => ({ id: ++id, ...graph(panel, index, perRow, below) }))];
  });
  return {
    uid: "chouette-devices",
    title: TITLE,
    tags: ["chouette"],
    timezone: "browser",
    schemaVersion: 39,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Data source" },
        {
          name: "host",
          type: "query",
          label: "Host",
          datasource: SOURCE,
          query: { query: 'label_values({__name__=~"[Cc]houette\\\\..+"}, host)', refId: "hosts" },
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: ".*",
          current: { text: "All", value: "$__all" },
        },
        // Adds what is chosen to every query: tags of all kinds.
        { name: "tags", type: "adhoc", label: "Tags", datasource: SOURCE },
      ],
    },
    panels,
  };
}

function graph({ title, unit, shape, queries }: Panel, index: number, perRow: number, top: number): object {
  const width = COLUMNS / perRow;
  return {
    type: "timeseries",
    title,
    datasource: SOURCE,
    gridPos: {
      x: (index % perRow) * width,
      y: top + Math.floor(index / perRow) * HEIGHT,
      w: width,
      h: HEIGHT,
    },
    fieldConfig: {
      defaults: {
        unit: UNITS[unit],
        ...(shape === "on-off" && { min: 0, max: 1 }),
        custom: {
          drawStyle: shape === "area" ? "bars" : "line",
          lineInterpolation: shape === "on-off" ? "stepAfter" : "linear",
          fillOpacity: shape === "line" ? 0 : 20,
        },
      },
      overrides: [],
    },
    targets: queries.map((query, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource: SOURCE,
      expr: promql(query, 'host=~"$host"', query.as === "total" ? "$__interval" : "$__rate_interval"),
      legendFormat: legend(query.metric, ["host", ...query.by]),
    })),
  };
}

/** `memory.used {{host}} {{device}}` */
function legend(metric: string, tags: readonly string[]): string {
  const name = metric.replace(/^chouette\.(host\.|rpi\.|tegrastats\.|cgroups\.|docker\.)?/i, "");
  return [name, ...tags.map((tag) => `{{${tag}}}`)].join(" ");
}
