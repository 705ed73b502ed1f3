import type { SendReport } from "../jobs/send-report.ts";
import type { Logger } from "../log/log.ts";
import type { Clock } from "../schedule/clock.ts";
import { formatBytes, formatCount } from "../terminal/quantities.ts";

/** Seconds between two lines about deliveries that work. */
const EVERY = 3600;

const NOUNS: Readonly<Record<SendReport["track"], string>> = {
  metrics: "point",
  logs: "log",
  distributions: "distribution",
  sketches: "sketched distribution",
  events: "event",
  checks: "service check",
};

const TRACKS = Object.keys(NOUNS) as SendReport["track"][];

/** Logs the first delivery that works, so that a person sees it, and then once an hour what was delivered since the last line. */
export function deliverySummary(
  log: Pick<Logger, "info">,
  { monotonic }: Pick<Clock, "monotonic">,
): (report: SendReport) => void {
  const delivered = new Map<SendReport["track"], number>();
  const waiting = new Map<SendReport["track"], number>();
  let bytes = 0;
  let loggedAt: number | undefined;

  return (report) => {
    const { track } = report;
    waiting.set(track, report.remaining);
    if (report.delivered === 0) return;
    delivered.set(track, (delivered.get(track) ?? 0) + report.delivered);
    bytes += report.bytes;
    const isFirst = loggedAt === undefined;
    const now = monotonic();
    if (loggedAt !== undefined && now - loggedAt < EVERY) return;
    const counts = TRACKS.flatMap((name) => {
      const count = delivered.get(name);
      return count === undefined ? [] : [formatCount(count, NOUNS[name])];
    }).join(", ");
    const left = [...waiting.values()].reduce((sum, count) => sum + count, 0);
    const when = isFirst ? "first delivery" : "delivered since the last line like this";
    const next = isFirst ? "; the next line like this comes in an hour" : "";
    log.info(`${when}: ${counts}, ${formatBytes(bytes)} on the wire; ${left} waiting${next}`);
    loggedAt = now;
    delivered.clear();
    bytes = 0;
  };
}
