import type { AggregateReport } from "../jobs/aggregate-commits.ts";
import type { Reports } from "../jobs/jobs.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import type { RejectedCount } from "../jobs/rejected.ts";
import type { SendReport } from "../jobs/send-report.ts";
import type { PluginOutcome } from "../jobs/supervise.ts";
import type { Fields, Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Report } from "../schedule/lane.ts";
import type { DataQueue } from "../storage/storage.ts";
import { explain } from "../terminal/explain-error.ts";
import { deliverySummary } from "./delivery-summary.ts";

/** Seconds within which the same problem is logged once. */
const QUIET_SECONDS = 3600;

/**
 * Logs what the jobs did and what went wrong: a problem once when it begins and once when it ends, and a working plugin's remark
 * once.
 */
export function createReports(log: Logger, clock: Clock): { reports: Reports; report: Report } {
  const summary = deliverySummary(log, clock);
  const limited = rateLimited(log, clock, QUIET_SECONDS);
  const troubled = new Map<string, string>();
  const reminded = new Map<string, number>();
  const remarks = new Map<string, string>();

  /** Logs a new problem, and its end; `undefined`: all is well. */
  const follow = (subject: string, trouble: string | undefined, level: "warn" | "error", fields = {}) => {
    const before = troubled.get(subject);
    if (trouble === undefined) {
      if (troubled.delete(subject)) log.info({ ...fields, was: before }, `${subject} works again`);
    } else {
      troubled.set(subject, trouble);
      if (isNews(before, trouble)) log[level](fields, `${subject}: ${trouble}`);
    }
  };
  /** True when the trouble is new, and then once an hour: only the owner can fix what holds up a delivery. */
  const isDue = (subject: string, trouble: string): boolean => {
    const now = clock.monotonic();
    const isNew = isNews(troubled.get(subject), trouble);
    troubled.set(subject, trouble);
    if (!isNew && now - (reminded.get(subject) ?? now) < QUIET_SECONDS) return false;
    reminded.set(subject, now);
    return true;
  };
  /** Logs why a working plugin left something out, such as an absent device, when the reason is new. */
  const remark = (subject: string, reason: string | undefined, fields: Fields) => {
    const before = remarks.get(subject);
    if (reason === undefined) remarks.delete(subject);
    else {
      remarks.set(subject, reason);
      if (isNews(before, reason)) log.info(fields, `${subject}: ${reason}`);
    }
  };
  const rejected = (queue: DataQueue, what: string, { count, first }: RejectedCount) => {
    if (first === undefined) return;
    const fields = { queue, records: count, key: first.key, reason: first.reason };
    limited.warn(
      `rejected ${queue} ${withoutNumbers(first.reason)}`,
      fields,
      `${what} were set aside; to see them: chouette inspect-queue rejected --peek 5`,
    );
  };
  const expired = (queue: DataQueue, records: number, ttl: string) => {
    if (records === 0) return;
    limited.warn(`expired ${queue} ${ttl}`, { queue, records }, `records older than ${ttl} were dropped`);
  };

  return {
    reports: {
      plugin: ({ plugin, ok, reason, remedy, points, duration }: PluginOutcome) => {
        log.debug({ plugin, points: points.length, seconds: duration, reason }, "captured");
        const subject = `plugin ${plugin}`;
        const fields = remedy === undefined ? {} : { remedy };
        follow(subject, ok ? undefined : (reason ?? "failed"), "warn", ok ? {} : fields);
        if (ok) remark(subject, reason, fields);
      },
      aggregating: () => {},
      aggregated: (report: AggregateReport) => {
        const { raw, points, left } = report;
        log.debug({ raw, points, expired: report.expired, left }, "aggregated");
        rejected("chouette:metrics:raw", "malformed records", report.rejected);
        expired("chouette:metrics:raw", report.expired, "METRIC_TTL");
        if (report.beyond.metric !== undefined)
          limited.warn(
            "beyond MAX_SERIES",
            { records: report.beyond.records, metric: report.beyond.metric },
            `raw metrics of series beyond MAX_SERIES were dropped, first of ${report.beyond.metric}: give it fewer tags, or raise MAX_SERIES`,
          );
        if (report.flood !== undefined)
          limited.warn(
            `flood ${report.flood}`,
            { metric: report.flood },
            `windows were closed in parts because ${report.flood} takes too much memory: sets, rates and percentiles of these windows are approximate`,
          );
      },
      sending: () => {},
      sent: (report) => {
        const { track, delivered, bytes, remaining, failure } = report;
        if (delivered > 0) log.debug({ delivered, bytes, remaining }, `sent ${track}`);
        summary(report);
        rejected(`chouette:${track}:wrapped`, "malformed records", report.malformed);
        rejected(`chouette:${track}:wrapped`, "records that the intake rejects", report.rejected);
        expired(`chouette:${track}:wrapped`, report.expired, TTLS[track]);
        expired(
          `chouette:${track}:wrapped`,
          report.tooOld,
          "an hour, which Datadog throws away (HISTORICAL_METRICS),",
        );
        const subject = `sending ${track}`;
        if (failure?.outcome === "hold") {
          if (isDue(subject, failure.error))
            log.error(`${track} kept, not sent: ${failure.error}; ${remaining} waiting`);
        } else if (failure !== undefined || delivered > 0)
          // A queue may also be empty because its records expired or were rejected, which does not mean that the intake works.
          follow(subject, failure?.error, "warn", { remaining });
      },
      repaired: (what) => log.warn(what),
      manyTags: (metric, tags) =>
        limited.warn(
          `tags ${metric}`,
          { metric, tags },
          `${metric} has ${tags} tags: the intake takes 100, the others are left out`,
        ),
    },
    report: (job, error) => {
      if (error instanceof LeaseBusy) log.info(`${job}: ${explain(error)}`);
      else follow(`job ${job}`, error === undefined ? undefined : explain(error), "error");
    },
  };
}

/** What limits the age of what a track sends. */
const TTLS: Readonly<Record<SendReport["track"], string>> = {
  metrics: "METRIC_TTL",
  logs: "LOG_TTL",
  distributions: "METRIC_TTL",
  sketches: "METRIC_TTL",
  events: "18 hours, which is all that the intake takes,",
  checks: "10 minutes, which is all that the intake takes,",
};

function isNews(before: string | undefined, now: string): boolean {
  return before === undefined || withoutNumbers(before) !== withoutNumbers(now);
}

/** `not back since 30 s` and `not back since 60 s` are the same problem. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, "#");
}
