import { strFromU8, unzlibSync } from "fflate";
import * as v from "valibot";
import type { Intake } from "../datadog/delivery.ts";
import { formatValue } from "./format-value.ts";
import { formatBytes, formatCount } from "./quantities.ts";
import { formatTable } from "./table.ts";

/** An intake that prints what would be sent, and takes it: nothing leaves the machine. */
export function dryRunIntake(print: (text: string) => void, urls: { series: string; logs: string }): Intake {
  return {
    post: async (track, payload) => {
      const body: unknown = JSON.parse(strFromU8(unzlibSync(payload)));
      const [what, table] = track === "series" ? seriesTable(body) : logsTable(body);
      print(`would send ${what} (${formatBytes(payload.length)} compressed) to ${urls[track]}\n${table}\n`);
      return { outcome: "accepted", status: 202, error: "" };
    },
    close: async () => {},
  };
}

/** Both versions of the series intake, as far as they are shown. */
const Series = v.object({
  series: v.array(
    v.object({
      metric: v.string(),
      tags: v.optional(v.array(v.string()), []),
      type: v.optional(v.union([v.string(), v.number()]), "gauge"),
      points: v.array(
        v.union([v.tuple([v.number(), v.number()]), v.object({ timestamp: v.number(), value: v.number() })]),
      ),
    }),
  ),
});

const TYPES: Record<number, string> = { 1: "count", 2: "rate", 3: "gauge" };

function seriesTable(body: unknown): [string, string] {
  const { series } = v.parse(Series, body);
  const rows = series.flatMap(({ metric, type, tags, points }) =>
    points.map((point) => {
      const [timestamp, value] = Array.isArray(point) ? point : [point.timestamp, point.value];
      const time = new Date(timestamp * 1000).toISOString().slice(11, 19);
      return [
        time,
        metric,
        typeof type === "number" ? (TYPES[type] ?? "") : type,
        formatValue(metric, value),
        tags.join(" "),
      ];
    }),
  );
  const columns = [
    { title: "UTC" },
    { title: "METRIC" },
    { title: "TYPE" },
    { title: "VALUE", right: true },
    { title: "TAGS" },
  ];
  return [`${formatCount(rows.length, "point")} of ${series.length} series`, formatTable(columns, rows)];
}

function logsTable(body: unknown): [string, string] {
  const logs = v.parse(
    v.array(v.looseObject({ status: v.optional(v.string(), ""), service: v.optional(v.string(), "") })),
    body,
  );
  const rows = logs.map((log) => [log.status, log.service, JSON.stringify(log.message)?.slice(0, 100) ?? ""]);
  return [
    formatCount(rows.length, "log"),
    formatTable([{ title: "STATUS" }, { title: "SERVICE" }, { title: "MESSAGE" }], rows),
  ];
}
