import { type AggregateReport, AHEAD } from "../jobs/aggregate.ts";
import type { Jobs, Pace, Reports } from "../jobs/jobs.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import type { SendReport } from "../jobs/send-report.ts";
import { deadline } from "../schedule/deadline.ts";
import { type Job, runLane } from "../schedule/lane.ts";
import { once } from "../schedule/ticks.ts";
import type { DataQueue, Storage } from "../storage/storage.ts";
import { explain } from "../terminal/explain-error.ts";
import { createProgress, type Waiting } from "../terminal/progress-line.ts";
import { formatBytes, formatCount } from "../terminal/quantities.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type FlushDeps = Terminal & {
  /** Whether a person watches standard error, so that a line of progress may be written over again. */
  watched: boolean;
  createJobs(pace: Pace, reports: Reports): Jobs;
  storage: Pick<Storage, "size">;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
};

export type FlushOptions = {
  /** Only for the words: a dry run has a storage and an intake of its own. */
  dryRun: boolean;
  json: boolean;
  /** Seconds; undefined: as long as it takes. */
  timeout: number | undefined;
};

/** What `flush` came to; the shape of `--json` (contract.md §3). */
export type FlushResult = {
  aggregated: { raw: number; points: number };
  delivered: { metrics: number; logs: number; bytes: number };
  /** Records in the queues; null where the storage does not tell any more. */
  remaining: { metrics: number | null; logs: number | null };
  dropped: { expired: number; rejected: number; malformed: number };
  outcome: "delivered" | "partial" | "failed";
  errors: string[];
};

/** Deliveries that fail one after the other before `flush` gives up: a person waits. */
const ATTEMPTS = 3;

/** Seconds between two requests that a person waits for; an intake that asks for more is told about. */
const LONGEST_PAUSE = 30;

/** Seconds that `flush` waits for an agent that is sending this very moment; a release of the agent is shorter. */
const PATIENCE = 120;

/**
 * Everything that waits, now: closes the windows, the open one too, and sends until the queues are empty or the intake stops
 * taking. The jobs are those of `run`, one tick each. Prints the result; resolves to 0 when all is delivered, else 1.
 */
export async function flush(deps: FlushDeps, options: FlushOptions): Promise<number> {
  const seconds = options.timeout ?? Number.POSITIVE_INFINITY;
  const result = await flushQueues(options.json ? { ...deps, watched: false } : deps, seconds);
  deps.print(options.json ? `${JSON.stringify(result)}\n` : formatFlush(result, options.dryRun));
  return result.outcome === "delivered" ? 0 : 1;
}

async function flushQueues(deps: FlushDeps, seconds: number): Promise<FlushResult> {
  const { clock, stop, interval } = deps;
  const end = clock.monotonic() + seconds;
  const limit = deadline(clock, seconds, stop);
  const aggregated: AggregateReport[] = [];
  const sent: SendReport[] = [];
  const errors: string[] = [];
  let repairs = 0;
  const progress = createProgress(deps, () => waiting(deps.storage));
  const left = () => Math.max(0, end - clock.monotonic());
  const pace: Pace = {
    openWindow: true,
    selfMetrics: false,
    longestPause: LONGEST_PAUSE,
    attempts: ATTEMPTS,
    // Each job has the time that those before it left.
    get patience() {
      return Math.min(PATIENCE, left());
    },
    get seconds() {
      return left();
    },
  };
  const jobs = deps.createJobs(pace, {
    plugin: () => {},
    aggregated: (report) => aggregated.push(report),
    aggregating: () => {},
    sending: progress.sending,
    sent: (report) => sent.push(report),
    repaired: (what) => {
      repairs++;
      deps.note(`${what}\n`);
    },
  });
  const report = (job: string, error?: unknown) => {
    if (error !== undefined)
      errors.push(error instanceof LeaseBusy ? `${job}: ${explain(error)}` : explain(error));
  };

  const tick = (job: Job, signal = stop) => runLane(job, once(clock), signal, report);
  const repair = async () => {
    const before = repairs;
    await tick(jobs.repair);
    return repairs > before;
  };
  const pass = async () => {
    let good = await tick(jobs.aggregate, limit.signal);
    // Every second of the open window can be taken when `flush` was typed very often: then the next window has one.
    while (good && (aggregated.at(-1)?.left ?? 0) > 0 && left() > interval && !stop.aborted) {
      await clock.sleep(interval - (clock.now() % interval), stop);
      good = await tick(jobs.aggregate, limit.signal);
    }
    await progress.start();
    for (const job of jobs.sends) await tick(job);
    progress.done();
  };

  await repair();
  await pass();
  // Values without a key can be told only once the keys without a value are gone: there are more values than keys then.
  if (await repair()) await pass();

  limit.clear();
  errors.push(...sent.slice(-jobs.sends.length).flatMap(({ failure }) => failure?.error ?? []));
  const remaining = await waiting(deps.storage).catch((error: unknown) => {
    errors.push(explain(error));
    return { metrics: null, logs: null };
  });
  const over = left() === 0 ? `the ${seconds} s of --timeout are over` : undefined;
  const interrupted = stop.aborted ? "interrupted" : over;
  return summarize(aggregated, sent, remaining, errors, interrupted ?? (await whyLeft(deps)));
}

/** Why records remain although nothing went wrong. */
async function whyLeft({ storage, clock }: FlushDeps): Promise<string> {
  const ahead = storage.size("chouette:metrics:raw", { from: clock.now() + AHEAD });
  const { count } = await ahead.catch(() => ({ count: 0 }));
  return count === 0
    ? "records came meanwhile; type it again"
    : `${formatCount(count, "raw metric")} stamped in the future wait for their time: the clock of who wrote them is ahead, or was`;
}

async function waiting(storage: Pick<Storage, "size">): Promise<Waiting> {
  const count = async (queue: DataQueue) => (await storage.size(queue)).count;
  return {
    metrics: (await count("chouette:metrics:raw")) + (await count("chouette:metrics:wrapped")),
    logs: await count("chouette:logs:wrapped"),
  };
}

/** `leftover`: why records remain where no error says it. */
function summarize(
  aggregated: readonly AggregateReport[],
  sent: readonly SendReport[],
  remaining: FlushResult["remaining"],
  errors: readonly string[],
  leftover: string,
): FlushResult {
  const by = (track: SendReport["track"]) => sent.filter((report) => report.track === track);
  const delivered = {
    metrics: sum(by("metrics"), (report) => report.delivered),
    logs: sum(by("logs"), (report) => report.delivered),
    bytes: sum(sent, (report) => report.bytes),
  };
  const rejected = sum(sent, (report) => report.rejected.count);
  const reasons = sent.flatMap((report) => report.rejected.first?.reason ?? []);
  const refusals =
    rejected === 0
      ? []
      : [`${formatCount(rejected, "record")} cannot be sent, the first because: ${reasons[0]}`];
  const empty = remaining.metrics === 0 && remaining.logs === 0;
  const told = [...new Set([...errors, ...refusals])];
  const all = empty && told.length === 0;
  return {
    aggregated: { raw: sum(aggregated, ({ raw }) => raw), points: sum(aggregated, ({ points }) => points) },
    delivered,
    remaining,
    dropped: {
      expired: sum([...aggregated, ...sent], ({ expired }) => expired),
      rejected,
      malformed:
        sum(sent, (report) => report.malformed.count) + sum(aggregated, (report) => report.rejected.count),
    },
    outcome: all ? "delivered" : delivered.metrics + delivered.logs > 0 ? "partial" : "failed",
    errors: empty || told.length > 0 ? told : [leftover],
  };
}

function sum<T>(reports: readonly T[], of: (report: T) => number): number {
  return reports.reduce((total, report) => total + of(report), 0);
}

/** The result for people: what was done, what is left, why, and what to type about it. */
export function formatFlush(
  { aggregated, delivered, remaining, dropped, outcome, errors }: FlushResult,
  dryRun: boolean,
): string {
  const lines = [
    `aggregated  ${formatCount(aggregated.raw, "raw metric")} into ${formatCount(aggregated.points, "point")}`,
    `delivered   ${formatCount(delivered.metrics, "point")} and ${formatCount(delivered.logs, "log")}, ${formatBytes(delivered.bytes)} on the wire`,
    remaining.metrics === null || remaining.logs === null
      ? "remaining   not known"
      : `remaining   ${formatCount(remaining.metrics, "metric")} and ${formatCount(remaining.logs, "log")}`,
  ];
  const { expired, rejected, malformed } = dropped;
  if (expired + rejected + malformed > 0)
    lines.push(
      `dropped     ${expired} expired, ${rejected} rejected by the intake, ${malformed} malformed${rejected + malformed > 0 && !dryRun ? " (to look at them: chouette inspect-queue rejected --peek 5)" : ""}`,
    );
  const all = expired + rejected + malformed === 0 ? "everything" : "what was not dropped";
  lines.push(`${endingOf(outcome, errors, all, dryRun)}
`);
  return lines.join("\n");
}

function endingOf(
  outcome: FlushResult["outcome"],
  errors: readonly string[],
  all: string,
  dryRun: boolean,
): string {
  const untouched = "this was a dry run: nothing has left this machine, and the queues are as they were";
  if (outcome === "delivered")
    return dryRun ? `${all} would be delivered; ${untouched}` : `${all} is delivered`;
  const why = `${outcome}: ${errors.join(`\n${" ".repeat(outcome.length + 2)}`)}`;
  return dryRun ? `${why}\n${untouched}` : why;
}
