import { strFromU8 } from "fflate";
import * as v from "valibot";
import type { IntakeTrack } from "../datadog/delivery.ts";
import { readSketches } from "../datadog/read-sketches.ts";
import { formatValue } from "../terminal/format-value.ts";
import { formatCount } from "../terminal/quantities.ts";
import { formatTable } from "../terminal/table.ts";

/** Describes an unpacked payload of a track for people: what it is, `2 points of 1 series`, and its content as a table. */
export function payloadTable(
  track: IntakeTrack,
  payload: Uint8Array,
  width: number,
): [what: string, table: string] {
  if (track === "sketches") return sketchesTable(payload, width);
  const body: unknown = JSON.parse(strFromU8(payload));
  switch (track) {
    case "series":
      return seriesTable(body, width);
    case "logs":
      return logsTable(body, width);
    case "distributions":
      return distributionsTable(body, width);
    case "events":
      return eventTable(body, width);
    case "checks":
      return checksTable(body, width);
  }
}

/** The fields that are shown, of both versions of the series intake. */
const Series = v.object({
  series: v.array(
    v.object({
      metric: v.string(),
      tags: v.optional(v.array(v.string()), []),
      type: v.union([v.string(), v.number()]),
      points: v.array(
        v.union([v.tuple([v.number(), v.number()]), v.object({ timestamp: v.number(), value: v.number() })]),
      ),
    }),
  ),
});

/** The numbers of the types in version 2. */
const TYPES: Readonly<Record<number, string>> = { 1: "count", 2: "rate", 3: "gauge" };

function seriesTable(body: unknown, width: number): [string, string] {
  const { series } = v.parse(Series, body);
  const rows = series
    .map((it) => ({ ...it, tags: it.tags.join(" "), order: `${it.metric} ${it.tags.join(" ")}` }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .flatMap(({ metric, type, tags, points }) =>
      points.map((point) => {
        const [timestamp, value] = Array.isArray(point) ? point : [point.timestamp, point.value];
        const name = typeof type === "number" ? (TYPES[type] ?? "") : type;
        return [timeOf(timestamp), metric, name, formatValue(metric, value), tags];
      }),
    );
  const columns = [
    { title: "UTC" },
    { title: "METRIC" },
    { title: "TYPE" },
    { title: "VALUE", right: true },
    { title: "TAGS" },
  ];
  return [
    `${formatCount(rows.length, "point")} of ${series.length} series`,
    formatTable(columns, rows, width),
  ];
}

/** Unix seconds of the year 10000, when the ISO form of a date becomes longer. */
const END_OF_DATES = 253_402_300_800;

/** Formats a time as `14:47:50`, or as the bare number when it cannot be in seconds. */
function timeOf(timestamp: number): string {
  const isDate = timestamp >= 0 && timestamp < END_OF_DATES;
  return isDate ? new Date(timestamp * 1000).toISOString().slice(11, 19) : `${timestamp}`;
}

function logsTable(body: unknown, width: number): [string, string] {
  const logs = v.parse(v.array(v.record(v.string(), v.unknown())), body);
  const rows = logs.map((log) => [shown(log.status), shown(log.service), shown(messageOf(log))]);
  const columns = [{ title: "STATUS" }, { title: "SERVICE" }, { title: "MESSAGE" }];
  return [formatCount(rows.length, "log"), formatTable(columns, rows, width)];
}

/** The message, or of a log that has none what else the application wrote. */
function messageOf({ message, status, service, timestamp, hostname, ddsource, ddtags, ...rest }: LogFields) {
  if (message === undefined) return Object.keys(rest).length === 0 ? "" : rest;
  return v.is(v.object({ msg: v.string() }), message) ? message.msg : message;
}

type LogFields = Record<string, unknown>;

/** Characters of a log field that are shown. */
const LONGEST = 100;

/** Formats a field, which an application may fill with anything. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : value === null ? "" : (JSON.stringify(value) ?? "");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

const DISTRIBUTION_COLUMNS = [
  { title: "UTC" },
  { title: "METRIC" },
  { title: "TYPE" },
  { title: "VALUES", right: true },
  { title: "SUM", right: true },
  { title: "MIN", right: true },
  { title: "MAX", right: true },
  { title: "TAGS" },
];

const Distributions = v.object({
  series: v.array(
    v.object({
      metric: v.string(),
      tags: v.optional(v.array(v.string()), []),
      points: v.array(v.tuple([v.number(), v.array(v.number())])),
    }),
  ),
});

function distributionsTable(body: unknown, width: number): [string, string] {
  const { series } = v.parse(Distributions, body);
  const found = series.flatMap(({ metric, tags, points }) =>
    points.map(([timestamp, values]) => ({
      metric,
      tags,
      timestamp,
      count: values.length,
      sum: values.reduce((total, value) => total + value, 0),
      min: Math.min(...values),
      max: Math.max(...values),
    })),
  );
  return tableOf("distribution", found, width);
}

function sketchesTable(payload: Uint8Array, width: number): [string, string] {
  return tableOf("sketch", readSketches(payload), width);
}

function tableOf(
  kind: "distribution" | "sketch",
  found: readonly Omit<ReturnType<typeof readSketches>[number], "bins">[],
  width: number,
): [string, string] {
  const rows = found.map(({ metric, tags, timestamp, count, sum, min, max }) => [
    timeOf(timestamp),
    metric,
    kind,
    `${count}`,
    formatValue(metric, sum),
    formatValue(metric, min),
    formatValue(metric, max),
    tags.join(" "),
  ]);
  const values = found.reduce((total, { count }) => total + count, 0);
  const what = `${formatCount(values, "value")} of ${formatCount(rows.length, "distribution")}`;
  return [kind === "sketch" ? `${what} as sketches` : what, formatTable(DISTRIBUTION_COLUMNS, rows, width)];
}

const SentEvent = v.object({
  title: v.string(),
  text: v.string(),
  date_happened: v.number(),
  alert_type: v.optional(v.string(), "info"),
  tags: v.optional(v.array(v.string()), []),
});

function eventTable(body: unknown, width: number): [string, string] {
  const { title, text, date_happened, alert_type, tags } = v.parse(SentEvent, body);
  const columns = [
    { title: "UTC" },
    { title: "ALERT" },
    { title: "TITLE" },
    { title: "TEXT" },
    { title: "TAGS" },
  ];
  const row = [timeOf(date_happened), alert_type, shown(title), shown(text), tags.join(" ")];
  return ["1 event", formatTable(columns, [row], width)];
}

const SentCheck = v.object({
  check: v.string(),
  status: v.picklist([0, 1, 2, 3]),
  timestamp: v.number(),
  message: v.optional(v.string(), ""),
  tags: v.array(v.string()),
});

const STATUSES = ["ok", "warning", "critical", "unknown"] as const;

function checksTable(body: unknown, width: number): [string, string] {
  const checks = v.parse(v.array(SentCheck), body);
  const rows = checks.map(({ check, status, timestamp, message, tags }) => [
    timeOf(timestamp),
    shown(check),
    STATUSES[status],
    shown(message),
    tags.join(" "),
  ]);
  const columns = [
    { title: "UTC" },
    { title: "CHECK" },
    { title: "STATUS" },
    { title: "MESSAGE" },
    { title: "TAGS" },
  ];
  return [formatCount(rows.length, "service check"), formatTable(columns, rows, width)];
}
