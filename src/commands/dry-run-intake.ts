import { strFromU8, unzlibSync } from "fflate";
import * as v from "valibot";
import type { Intake } from "../datadog/delivery.ts";
import { StorageError } from "../errors.ts";
import { MAX_RECORD_BYTES } from "../records/unreadable.ts";
import { type DataQueue, type NewRecord, QUEUES, type Storage } from "../storage/storage.ts";
import { formatValue } from "../terminal/format-value.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantities.ts";
import { formatTable } from "../terminal/table.ts";

/** Creates an intake that prints each payload and accepts it; nothing leaves the machine. */
export function dryRunIntake(
  print: (text: string) => void,
  width: number,
  urls: { series: string; logs: string },
): Intake {
  return {
    post: async (track, payload) => {
      const body: unknown = JSON.parse(strFromU8(unzlibSync(payload)));
      const [what, table] = track === "series" ? seriesTable(body, width) : logsTable(body, width);
      print(`would send ${what} (${formatBytes(payload.length)} compressed) to ${urls[track]}\n${table}\n`);
      return { outcome: "accepted", status: 202, error: "" };
    },
    close: async () => {},
  };
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
  const rows = logs.map(({ status, service, message }) => [
    shown(status),
    shown(service),
    shown(v.is(v.object({ msg: v.string() }), message) ? message.msg : message),
  ]);
  const columns = [{ title: "STATUS" }, { title: "SERVICE" }, { title: "MESSAGE" }];
  return [formatCount(rows.length, "log"), formatTable(columns, rows, width)];
}

/** Characters of a log field that are shown. */
const LONGEST = 100;

/** Formats a field, which an application may fill with anything. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? value : value === null ? "" : (JSON.stringify(value) ?? "");
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** Records of each queue that a dry run copies. */
const LIMIT = { limit: 10_000, maxBytes: 16_000_000, maxBody: MAX_RECORD_BYTES } as const;

/**
 * Copies the first records of each queue into another storage; `note` gets a line for a queue that has more, or cannot be read.
 * Rejects with StorageError when no queue can be read.
 */
export async function copyQueues(from: Storage, to: Storage, note: (text: string) => void): Promise<void> {
  const unreadable: StorageError[] = [];
  for (const queue of QUEUES) {
    try {
      await copyQueue(from, to, queue, note);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      unreadable.push(error);
    }
  }
  if (unreadable.length === QUEUES.length) throw unreadable[0];
  for (const { message } of unreadable) note(`${printable(message)}\n`);
}

async function copyQueue(
  from: Storage,
  to: Storage,
  queue: DataQueue,
  note: (text: string) => void,
): Promise<void> {
  const records = (await from.peek(queue, LIMIT)).map(
    ({ key, at, body }): NewRecord => ({ key, at: finite(at), body: body ?? "" }),
  );
  const { count } = await from.size(queue);
  if (records.length < count) note(`${queue}: using the first ${records.length} of ${count} records\n`);
  await to.commit({ add: [{ queue, records }] });
}

/** Clamps the scores `-inf` and `inf`, which Redis allows and no storage accepts; the record keeps its place in the queue. */
function finite(at: number): number {
  return Math.min(Math.max(at, -Number.MAX_VALUE), Number.MAX_VALUE);
}
