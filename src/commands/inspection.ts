import type { LastDelivery } from "../jobs/last-delivery.ts";
import { losslessText } from "../records/lossless-json.ts";
import { type QueueName, type Room, SHARED_QUEUES } from "../storage/storage.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount, formatSeconds } from "../terminal/quantities.ts";
import { formatTable } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";
import { type AgentStatus, formatAgent } from "./agent-status.ts";
import type { Traffic } from "./ask-agent.ts";
import { formatLogSources, type LogSourceInspection } from "./log-sources.ts";
import type { QueueSample } from "./queue-sample.ts";

/** The shape of `--json` (contract.md §3); the ages are null when the queue is empty. */
export type Inspection = {
  /** Null when none answers. */
  agent: AgentStatus | null;
  storage: { type: string; where: string };
  queues: QueueInspection[];
  last_delivery: LastDelivery | null;
  /** Records that were dropped since the agent was installed, by reason; missing when there are none. */
  dropped?: Record<string, number>;
  /** Missing where the storage has no limit; `seconds` in which it would be full at the present rate without a delivery, null while that is not known. */
  room?: Room & { seconds: number | null };
  /** Missing while the clock is confirmed; `waiting`: records that are not sent before it is. */
  clock?: { confirmed: false; waiting: number };
  /** What applications sent to the running agent; missing where they cannot, or none runs. */
  dogstatsd?: Traffic;
  /** The sources of the device's logs; missing where none was ever read. */
  logs?: LogSourceInspection[];
};

export type QueueInspection = QueueSample & {
  queue: QueueName;
  count: number;
  oldest_age_s: number | null;
  newest_age_s: number | null;
  /** Number of records with less than a tenth of their time to live left. */
  expiring: number;
  records?: unknown[];
  /** Why this queue cannot be read, although others can. */
  error?: string;
};

/** Formats the agent, and the queues as a table, with the most frequent names and the requested records; `now` is Unix seconds. */
export function formatInspection(
  { agent, storage, queues, last_delivery: last, dropped, room, clock, dogstatsd, logs = [] }: Inspection,
  socket: string,
  now: number,
  width: number,
): string {
  const readable = queues.filter(({ error }) => error === undefined);
  const onlyOthers = !queues.some(isShared);
  const filled = readable.filter((it) => it.count > 0 || isShared(it) || onlyOthers);
  const columns = ["RECORDS", "BYTES", "OLDEST", "NEWEST", "EXPIRING", "MALFORMED"].map((title) => ({
    title,
    right: true,
  }));
  const rows = filled.map((it) => [
    it.queue,
    `${it.count}`,
    (it.sampled < it.count ? "~" : "") + formatBytes(it.bytes),
    it.oldest_age_s === null ? "-" : formatSeconds(it.oldest_age_s),
    it.newest_age_s === null ? "-" : formatSeconds(it.newest_age_s),
    it.count === 0 ? "-" : `${Math.round((100 * it.expiring) / it.count)} %`,
    (it.sampled < it.count ? "~" : "") + it.malformed,
  ]);
  const { before, after } = formatAgent(agent, socket, now);
  const lines = [
    ...before,
    `last delivery  ${last === null ? "none yet" : describeLast(last, now)}`,
    ...after,
    ...(clock === undefined ? [] : [describeClock(clock)]),
    ...(dropped === undefined ? [] : [`dropped        ${reasonsOf(dropped)}`]),
    `storage        ${storage.type} ${storage.where}`,
    ...(room === undefined ? [] : [`room           ${describeRoom(room)}`]),
  ];
  return [
    wrap(`${lines.join("\n")}\n`, width),
    "\n",
    formatTable([{ title: "QUEUE" }, ...columns], rows, width),
    ...queues.flatMap(({ queue, error }) =>
      error === undefined ? [] : [`\n${queue}: ${printable(error)}\n`],
    ),
    ...(dogstatsd === undefined ? [] : [wrap(`\n${formatTraffic(dogstatsd)}`, width)]),
    formatLogSources(logs, width),
    ...filled.filter(({ top }) => top.length > 0).map((it) => formatTop(it, width)),
    ...filled.flatMap(({ queue, records }) =>
      records?.length
        ? [`\n${queue}, oldest first\n${records.map((it) => `${clipped(losslessText(it))}\n`).join("")}`]
        : [],
    ),
  ].join("");
}

/** The others are shown only when something is in them, or when none of these is asked for. */
export function isShared({ queue }: Pick<QueueInspection, "queue">): boolean {
  return SHARED_QUEUES.some((shared) => shared === queue);
}

/** Formats what applications sent, and why some of it was not taken. */
function formatTraffic({ listeners, packets, malformed, dropped, ...worst }: Traffic): string {
  const places = listeners.map(({ where, buffer_bytes: bytes }) =>
    bytes === undefined ? where : `${where} (receive buffer ${formatBytes(bytes)})`,
  );
  const { last_malformed: last, most_beyond_max_series: most } = worst;
  return [
    `dogstatsd      ${printable(places.join(", "))}`,
    `  since start: ${formatCount(packets, "packet")}; malformed: ${reasonsOf(malformed)}; dropped: ${reasonsOf(dropped)}`,
    ...(last === null ? [] : [`  last malformed line: ${printable(last)}`]),
    ...(most === null ? [] : [`  most lines beyond MAX_SERIES: ${printable(most.metric)}, ${most.lines}`]),
    "",
  ].join("\n");
}

function reasonsOf(counts: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(counts).map(([reason, count]) => `${count} (${printable(reason)})`);
  return reasons.length === 0 ? "none" : reasons.join(", ");
}

function describeRoom({ used, most, unit, seconds }: NonNullable<Inspection["room"]>): string {
  const amounts = unit === "bytes" ? [used, most].map(formatBytes) : [`${used}`, `${most} records`];
  const taken = `${amounts.join(" of ")} used`;
  return seconds === null ? taken : `for ${formatSeconds(seconds)} at today's rate, ${taken}`;
}

/** Characters of a record that are shown: it may be megabytes long. */
const LONGEST = 2000;

function clipped(record: string): string {
  const more = record.length - LONGEST;
  const rest = more > 0 ? `… (${more} more characters; --json shows all)` : "";
  return printable(record.slice(0, LONGEST)) + rest;
}

function describeClock({ waiting }: NonNullable<Inspection["clock"]>): string {
  const what = waiting === 0 ? "nothing waits for it" : `${formatCount(waiting, "record")} wait for it`;
  return `clock          not confirmed, ${what}; to see why: timedatectl status`;
}

function describeLast({ at, outcome, error }: LastDelivery, now: number): string {
  return `${formatSeconds(now - at)} ago: ${outcome}${error === null ? "" : `: ${printable(error)}`}`;
}

function formatTop({ queue, top, sampled, count }: QueueInspection, width: number): string {
  const of = sampled < count ? ` (of the ${sampled} oldest)` : "";
  return `\n${queue}, most frequent${of}\n${formatTable(
    [{ title: "  COUNT", right: true }, { title: "NAME" }],
    top.map((it) => [`${it.count}`, it.name]),
    width,
  )}`;
}
