import type { KeyAnswer } from "../datadog/delivery.ts";
import { AHEAD } from "../jobs/aggregate.ts";
import type { AggregateReport } from "../jobs/aggregate-commits.ts";
import type { Jobs, Pace, Reports } from "../jobs/jobs.ts";
import { LeaseBusy } from "../jobs/lease.ts";
import type { SendReport } from "../jobs/send-report.ts";
import { deadline } from "../schedule/deadline.ts";
import { type Job, runLane } from "../schedule/lane.ts";
import { once } from "../schedule/ticks.ts";
import type { DataQueue, Storage } from "../storage/storage.ts";
import { explain } from "../terminal/explain-error.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import { createProgress } from "../terminal/progress-line.ts";
import { formatCount } from "../terminal/quantities.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/wrap.ts";
import { type Ask, askToClose } from "./ask-agent.ts";
import { type FlushResult, formatFlush, type Waiting, withKey } from "./flush-result.ts";

export type FlushDeps = Terminal & {
  /** True when standard error is a terminal, where a progress line can be rewritten. */
  watched: boolean;
  createJobs(pace: Pace, reports: Reports): Jobs;
  storage: Pick<Storage, "size" | "weight">;
  /** Seconds: AGGREGATE_INTERVAL. */
  interval: number;
  /** Asks the agent that runs beside this command. */
  ask: Ask;
  /** Asks the site whether it accepts the API key, within so many seconds; undefined in a dry run. */
  checkKey(seconds: number): Promise<KeyAnswer | undefined>;
  /** The host that is asked. */
  site: string;
};

export type FlushOptions = {
  /** Changes only the wording: the caller gives a dry run its own storage and intake. */
  dryRun: boolean;
  json: boolean;
  /** Seconds; undefined: as long as it takes. */
  timeout: number | undefined;
};

/** Failed deliveries in a row before `flush` gives up: a person waits. */
const ATTEMPTS = 3;

/** Longest pause between two requests, in seconds; when the intake requests a longer one, `flush` reports that. */
const LONGEST_PAUSE = 30;

/** Seconds that `flush` waits for an agent that is sending; a delivery of the agent is shorter. */
const PATIENCE = 120;

/**
 * Delivers everything now: closes all windows, including the open one, and sends until the queues are empty or the intake stops
 * accepting. Runs the jobs of `run`, one tick each. Prints the result; resolves to 0 when all was delivered, else 1.
 */
export async function flush(deps: FlushDeps, options: FlushOptions): Promise<number> {
  const seconds = options.timeout ?? Number.POSITIVE_INFINITY;
  const result = await flushQueues(options.json ? { ...deps, watched: false } : deps, seconds);
  deps.print(
    options.json ? `${printableJson(result)}\n` : wrap(formatFlush(result, options.dryRun), deps.width),
  );
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
  let shortened = false;
  const progress = createProgress(deps, () => waiting(deps.storage));
  const left = () => Math.max(0, end - clock.monotonic());
  const pace: Pace = {
    openWindow: true,
    paced: false,
    selfMetrics: false,
    longestPause: LONGEST_PAUSE,
    attempts: ATTEMPTS,
    patience: PATIENCE,
    seconds: Number.POSITIVE_INFINITY,
    letFinish: false,
    until: end,
  };
  const jobs = deps.createJobs(pace, {
    plugin: () => {},
    aggregated: (report) => {
      aggregated.push(report);
      const { records, metric } = report.beyond;
      if (metric !== undefined)
        deps.note(
          `${formatCount(records, "raw metric")} of series beyond MAX_SERIES were dropped, first of ${printable(metric)}\n`,
        );
    },
    aggregating: () => {},
    sending: progress.sending,
    sent: (report) => sent.push(report),
    manyTags: (metric, tags) => {
      if (!shortened)
        deps.note(`${metric} has ${tags} tags: the intake takes 100, the others are left out\n`);
      shortened = true;
    },
    repaired: (what) => {
      repairs++;
      deps.note(`${printable(what)}\n`);
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
    // Frequent calls can use up the seconds of the open window; the next window has a free one.
    while (good && (aggregated.at(-1)?.left ?? 0) > 0 && left() > interval && !stop.aborted) {
      await clock.sleep(interval - (clock.now() % interval), stop);
      good = await tick(jobs.aggregate, limit.signal);
    }
    await progress.start();
    for (const job of jobs.sends) await tick(job);
    progress.done();
  };

  const closed = await askToClose(deps.ask);
  await repair();
  await pass();
  // Values without a key are recognized by there being more values than keys, so only after keys without a value are gone.
  if (await repair()) await pass();

  limit.clear();
  errors.push(...sent.slice(-jobs.sends.length).flatMap(({ failure }) => failure?.error ?? []));
  const remaining = await waiting(deps.storage).catch((error: unknown) => {
    errors.push(explain(error));
    return { metrics: null, logs: null, distributions: null, events: null, checks: null };
  });
  const over = left() === 0 ? `timed out after ${seconds} s (--timeout)` : undefined;
  const interrupted = stop.aborted ? "interrupted" : over;
  const result = summarize(closed, aggregated, sent, remaining, errors, interrupted ?? (await whyLeft(deps)));
  // A destination that was sent nothing has not answered either.
  const isProven = result.outcome !== "delivered" || sent.some(({ delivered }) => delivered > 0);
  return isProven || interrupted !== undefined
    ? result
    : withKey(result, await deps.checkKey(left()), deps.site);
}

/** Returns why records remain although nothing failed. */
async function whyLeft({ storage, clock }: FlushDeps): Promise<string> {
  const ahead = storage.size("chouette:metrics:raw", { from: clock.now() + AHEAD });
  const { count } = await ahead.catch(() => ({ count: 0 }));
  return count === 0
    ? "new records arrived meanwhile; run it again"
    : `${formatCount(count, "raw metric")} with a timestamp in the future, sent when that time comes: the clock of their sender is or was ahead`;
}

async function waiting(storage: Pick<Storage, "weight">): Promise<Waiting> {
  const count = (queue: DataQueue) => storage.weight(queue);
  return {
    metrics: (await count("chouette:metrics:raw")) + (await count("chouette:metrics:wrapped")),
    logs: await count("chouette:logs:wrapped"),
    distributions:
      (await count("chouette:distributions:wrapped")) + (await count("chouette:sketches:wrapped")),
    events: await count("chouette:events:wrapped"),
    checks: await count("chouette:checks:wrapped"),
  };
}

/** Builds the result. `leftover`: why records remain when no error says so. */
function summarize(
  agent: FlushResult["agent"] | undefined,
  aggregated: readonly AggregateReport[],
  sent: readonly SendReport[],
  remaining: FlushResult["remaining"],
  errors: readonly string[],
  leftover: string,
): FlushResult {
  const by = (...tracks: SendReport["track"][]) =>
    sum(
      sent.filter(({ track }) => tracks.includes(track)),
      (report) => report.delivered,
    );
  const delivered = {
    metrics: by("metrics"),
    logs: by("logs"),
    distributions: by("distributions", "sketches"),
    events: by("events"),
    checks: by("checks"),
    bytes: sum(sent, (report) => report.bytes),
  };
  const rejected = sum(sent, (report) => report.rejected.count);
  const reasons = sent.flatMap((report) => report.rejected.first?.reason ?? []);
  const refusals =
    rejected === 0
      ? []
      : [`${formatCount(rejected, "record")} rejected by the intake, the first because: ${reasons[0]}`];
  const empty = Object.values(remaining).every((count) => count === 0);
  const reported = [...new Set([...errors, ...refusals])];
  const all = empty && reported.length === 0;
  return {
    ...(agent && { agent }),
    aggregated: { raw: sum(aggregated, ({ raw }) => raw), points: sum(aggregated, ({ points }) => points) },
    delivered,
    remaining,
    dropped: {
      expired: sum([...aggregated, ...sent], ({ expired }) => expired),
      too_old: sum(sent, ({ tooOld }) => tooOld),
      rejected,
      malformed:
        sum(sent, (report) => report.malformed.count) + sum(aggregated, (report) => report.rejected.count),
    },
    outcome: all ? "delivered" : sent.some((report) => report.delivered > 0) ? "partial" : "failed",
    errors: empty || reported.length > 0 ? reported : [leftover],
  };
}

function sum<T>(reports: readonly T[], of: (report: T) => number): number {
  return reports.reduce((total, report) => total + of(report), 0);
}
