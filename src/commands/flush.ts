import type { AggregateReport } from "../jobs/aggregate.ts";
import type { Jobs, Pace, Reports } from "../jobs/jobs.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import type { SendReport } from "../jobs/send.ts";
import { runLane } from "../schedule/lane.ts";
import { once } from "../schedule/ticks.ts";
import type { Terminal } from "./command.ts";
import { createProgress } from "./progress.ts";
import { formatBytes, formatCount } from "./quantities.ts";

/** What `flush` came to; the shape of `--json` (contract.md §3). */
export type FlushResult = {
  aggregated: { raw: number; points: number };
  delivered: { metrics: number; logs: number; bytes: number };
  remaining: { metrics: number; logs: number };
  dropped: { expired: number; rejected: number; malformed: number };
  outcome: "delivered" | "partial" | "failed";
  errors: string[];
};

export type FlushDeps = Terminal & {
  createJobs(pace: Pace, reports: Reports): Jobs;
  /** How an error reads for a person. */
  explain(error: unknown): string;
  /** How many raw metrics and points, and how many logs, are in the queues. */
  waiting(): Promise<{ metrics: number; logs: number }>;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
};

/** Deliveries that fail one after the other before `flush` gives up: a person waits. */
const ATTEMPTS = 3;

/** Seconds that `flush` waits for an agent that is sending this very moment; a release of the agent is shorter. */
const PATIENCE = 120;

/**
 * Everything that waits, now: closes the windows, the open one too, and sends until the queues are empty or the intake stops
 * taking. The jobs are those of `run`, one tick each. Prints the result; resolves to 0 when all is delivered, else 1.
 */
export async function flush(
  deps: FlushDeps,
  options: { json: boolean; timeout: number | undefined },
): Promise<number> {
  const seconds = options.timeout ?? Number.POSITIVE_INFINITY;
  const result = await flushQueues(deps, seconds, options.json);
  deps.print(options.json ? `${JSON.stringify(result)}\n` : formatResult(result));
  return result.outcome === "delivered" ? 0 : 1;
}

async function flushQueues(deps: FlushDeps, seconds: number, quiet: boolean): Promise<FlushResult> {
  const end = deps.clock.monotonic() + seconds;
  const aggregated: AggregateReport[] = [];
  const sent: SendReport[] = [];
  const errors: string[] = [];
  const progress = createProgress(deps, quiet, await deps.waiting().catch(() => ({ metrics: 0, logs: 0 })));
  const pace: Pace = { openWindow: true, patience: Math.min(PATIENCE, seconds), seconds, attempts: ATTEMPTS };
  const jobs = deps.createJobs(pace, {
    plugin: () => {},
    aggregated: (report) => aggregated.push(report),
    sending: progress.sending,
    sent: (report) => sent.push(report),
    repaired: (what) => deps.note(`${what}\n`),
  });
  const report = (job: string, error?: unknown) => {
    if (error !== undefined)
      errors.push(error instanceof LeaseBusy ? `${job}: ${deps.explain(error)}` : deps.explain(error));
  };

  await runLane(jobs.repair, once(deps.clock), deps.stop, report);
  let good = await runLane(jobs.aggregate, once(deps.clock), deps.stop, report);
  // Every second of the open window can be taken when `flush` was typed very often: then the next window has one.
  while (
    good &&
    (aggregated.at(-1)?.left ?? 0) > 0 &&
    deps.clock.monotonic() + deps.interval < end &&
    !deps.stop.aborted
  ) {
    await deps.clock.sleep(deps.interval - (deps.clock.now() % deps.interval), deps.stop);
    good = await runLane(jobs.aggregate, once(deps.clock), deps.stop, report);
  }
  for (const job of jobs.sends) good = (await runLane(job, once(deps.clock), deps.stop, report)) && good;
  progress.done();
  const remaining = await deps.waiting().catch(() => undefined);
  return summarize(aggregated, sent, remaining, [
    ...errors,
    ...sent.flatMap(({ failure }) => failure?.error ?? []),
  ]);
}

function summarize(
  aggregated: readonly AggregateReport[],
  sent: readonly SendReport[],
  waiting: { metrics: number; logs: number } | undefined,
  errors: string[],
): FlushResult {
  const total = <T>(reports: readonly T[], of: (report: T) => number) =>
    reports.reduce((sum, report) => sum + of(report), 0);
  const by = (track: SendReport["track"]) => sent.filter((report) => report.track === track);
  const delivered = {
    metrics: total(by("metrics"), (report) => report.delivered),
    logs: total(by("logs"), (report) => report.delivered),
    bytes: total(sent, (report) => report.bytes),
  };
  const remaining = waiting ?? { metrics: 0, logs: 0 };
  const malformed =
    total(sent, (report) => report.malformed) + total(aggregated, (report) => report.rejected.length);
  const rejected = total(sent, (report) => report.rejected.length - report.malformed);
  const all = remaining.metrics + remaining.logs === 0 && errors.length === 0;
  if (!all && errors.length === 0)
    errors.push("the time was over, or records came while flush was at work; type it again");
  return {
    aggregated: {
      raw: total(aggregated, (report) => report.raw),
      points: total(aggregated, (report) => report.points),
    },
    delivered,
    remaining,
    dropped: { expired: total([...aggregated, ...sent], (report) => report.expired), rejected, malformed },
    outcome: all ? "delivered" : delivered.metrics + delivered.logs > 0 ? "partial" : "failed",
    errors: [...new Set(errors)],
  };
}

function formatResult({ aggregated, delivered, remaining, dropped, outcome, errors }: FlushResult): string {
  const lines = [
    `aggregated  ${formatCount(aggregated.raw, "raw metric")} into ${formatCount(aggregated.points, "point")}`,
    `delivered   ${formatCount(delivered.metrics, "point")} and ${formatCount(delivered.logs, "log")}, ${formatBytes(delivered.bytes)} on the wire`,
    `remaining   ${formatCount(remaining.metrics, "metric")} and ${formatCount(remaining.logs, "log")}`,
  ];
  if (dropped.expired + dropped.rejected + dropped.malformed > 0) {
    lines.push(
      `dropped     ${dropped.expired} expired, ${dropped.rejected} rejected by the intake, ${dropped.malformed} malformed` +
        (dropped.rejected + dropped.malformed > 0
          ? " (to look at them: chouette inspect-queue --peek 5)"
          : ""),
    );
  }
  lines.push(
    outcome === "delivered" ? "everything is delivered" : `${outcome}: ${errors.join("\n         ")}`,
  );
  return `${lines.join("\n")}\n`;
}
