import type { AggregateReport } from "../jobs/aggregate.ts";
import type { Reports } from "../jobs/jobs.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import type { Rejected } from "../jobs/rejected.ts";
import type { PluginOutcome } from "../jobs/supervise.ts";
import { type Logger, rateLimited } from "../log.ts";

import type { Clock } from "../schedule/clock.ts";
import type { Report } from "../schedule/lane.ts";
import { explain } from "./explain.ts";

/** Seconds in which the same trouble is logged once. */
const QUIET_SECONDS = 3600;

/** What the jobs did and what went wrong, into the log: trouble once when it begins and once when it is over. */
export function createReports(log: Logger, clock: Clock): { reports: Reports; report: Report } {
  const limited = rateLimited(log, clock, QUIET_SECONDS);
  const troubled = new Map<string, string>();

  /** Logs trouble that is news, and its end; `undefined`: there is none. */
  const follow = (subject: string, trouble: string | undefined, level: "warn" | "error", fields = {}) => {
    const before = troubled.get(subject);
    if (trouble === undefined) {
      if (troubled.delete(subject)) log.info({ ...fields, was: before }, `${subject} works again`);
    } else if (before !== trouble) {
      troubled.set(subject, trouble);
      log[level](fields, `${subject}: ${trouble}`);
    }
  };
  const rejected = (queue: string, records: readonly Rejected[]) => {
    const [first] = records;
    if (first === undefined) return;
    const fields = { queue, records: records.length, key: first.key, reason: first.reason };
    limited.warn(
      `rejected ${queue} ${first.reason}`,
      fields,
      "records cannot be sent; to look at them: chouette inspect-queue rejected --peek 5",
    );
  };

  return {
    reports: {
      plugin: ({ plugin, ok, reason, remedy, points, duration }: PluginOutcome) => {
        log.debug({ plugin, points: points.length, seconds: duration, reason }, "captured");
        follow(
          `plugin ${plugin}`,
          ok ? undefined : (reason ?? "failed"),
          "warn",
          remedy === undefined ? {} : { remedy },
        );
      },
      aggregated: (report: AggregateReport) => {
        const { raw, points, expired, left } = report;
        log.debug({ raw, points, expired, left }, "aggregated");
        rejected("chouette:metrics:raw", report.rejected);
      },
      sending: () => {},
      sent: (report) => {
        const { track, delivered, bytes, expired, remaining, failure } = report;
        if (delivered + expired > 0) log.info({ delivered, bytes, expired, remaining }, `sent ${track}`);
        rejected(`chouette:${track}:wrapped`, report.rejected);
        // The owner alone can mend what holds everything up: said again at each release, not once.
        if (failure?.outcome === "hold")
          log.error({ remaining }, `${track} are kept and not sent: ${failure.error}`);
        else follow(`sending ${track}`, failure?.error, "warn", { remaining });
      },
      repaired: (what) => log.warn(what),
    },
    report: (job, error) => {
      if (error instanceof LeaseBusy) log.info(`${job}: ${explain(error)}`);
      else follow(`job ${job}`, error === undefined ? undefined : explain(error), "error");
    },
  };
}
