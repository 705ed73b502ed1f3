import type { Distribution, Event, Point, ServiceCheck, Sketch } from "../model.ts";
import type { Job } from "../schedule/lane.ts";
import { SHARED_QUEUES } from "../storage/storage.ts";
import { type AggregateDeps, aggregate } from "./aggregate.ts";
import type { AggregateReport } from "./aggregate-commits.ts";
import type { Arrivals } from "./arrivals.ts";
import { createBacklogPace } from "./backlog-pace.ts";
import { type ClockWaitDeps, createClockWait } from "./clock-wait.ts";
import { type CollectDeps, createCollect } from "./collect.ts";
import { measureDropped } from "./dropped.ts";
import { createKeepBacklog } from "./keep-backlog.ts";
import { createSend } from "./send.ts";
import type { SendDeps, SendReport } from "./send-report.ts";
import type { PluginOutcome } from "./supervise.ts";
import type { Track } from "./track.ts";

export type JobsDeps = AggregateDeps &
  SendDeps &
  ClockWaitDeps &
  Omit<CollectDeps, "report"> & {
    metrics: Track<Point[]>;
    logs: Track<string>;
    distributions: Track<Distribution>;
    sketches: Track<Sketch>;
    events: Track<Event>;
    checks: Track<ServiceCheck>;
    /** Events and service checks that came without a queue. */
    arrivals?: Arrivals | undefined;
    /** Seconds between two captures, and between two releases. */
    captureInterval: number;
    releaseInterval: number;
    /** Bytes per second for a backlog; 0: no limit. */
    backlogBytesPerSecond: number;
    /** Seconds after the multiples of the release interval at which this device sends. */
    releaseOffset: number;
  };

/** The pace of a pass: `run` waits for intervals, `flush` and the last pass take everything at once. */
export type Pace = {
  openWindow: boolean;
  /** Seconds to wait for another process that is working on a queue. */
  patience: number;
  /** Seconds for one release. */
  seconds: number;
  /** The request under way at the end of a release may finish. */
  letFinish: boolean;
  /** Monotonic second at which everything ends, so that each job has the time that those before it left. */
  until: number;
  /** Seconds that a release may rest between two requests. */
  longestPause: number;
  /** Failed deliveries after which a release ends. */
  attempts: number;
  /** Whether a backlog keeps to BACKLOG_BYTES_PER_SECOND. */
  paced: boolean;
  /** Whether Chouette measures itself; not in a last pass, which would leave those points in the queues. */
  selfMetrics: boolean;
};

/** Hears what the jobs did. */
export type Reports = {
  plugin(outcome: PluginOutcome): void;
  /** After each batch of an aggregation, which may take long, and when all of it is done. */
  aggregating(): void;
  aggregated(report: AggregateReport): void;
  sending(report: SendReport): void;
  sent(report: SendReport): void;
  /** Called with a message for each repair of a queue. */
  repaired(what: string): void;
  /** A series had more tags than the intake takes, and is sent with fewer. */
  manyTags(metric: string, tags: number): void;
};

/** `store` is the end of `collect` alone: it puts what still waits in the outbox into its queue. */
export type Jobs = { repair: Job; collect: Job; store: Job; aggregate: Job; sends: Job[] };

/** Share of the release interval after which a release gives up until the next. */
export const RELEASE_SHARE = 0.8;

/** Seconds between two service checks `chouette.up`: with each release, each release would need a second request. */
const UP_EVERY = 300;

/** The pipeline, from the device to Datadog, in the order in which one pass does it. */
export function createJobs(given: JobsDeps, pace: Pace, reports: Reports): Jobs {
  const rate = pace.paced ? given.backlogBytesPerSecond : 0;
  const deps = {
    ...given,
    ...(!pace.selfMetrics && { selfMetrics: undefined }),
    ...(rate > 0 && { backlogPace: createBacklogPace(rate, given.random) }),
  };
  const keepBacklog = createKeepBacklog(deps);
  const inTime = (): Pace => {
    const left = Math.max(0, pace.until - deps.clock.monotonic());
    return { ...pace, patience: Math.min(pace.patience, left), seconds: Math.min(pace.seconds, left) };
  };
  const clockWait = createClockWait(deps);
  const sendJob = <T>(
    track: Track<T>,
    before: (signal: AbortSignal) => Promise<void> = async () => {},
    intake = deps.intake,
  ): Job => {
    const send = createSend({ ...deps, intake }, track);
    return {
      name: `send ${track.name}`,
      every: deps.releaseInterval,
      offset: deps.releaseOffset,
      run: async (_at, signal) => {
        await before(signal);
        const report = await send({ ...inTime(), progress: reports.sending }, signal);
        reports.sent(report);
        if (track.name === "metrics" && deps.selfMetrics !== undefined)
          await measureDropped(deps.storage, deps.selfMetrics);
        await keepBacklog(report);
      },
    };
  };
  let nextUp = Number.NEGATIVE_INFINITY;
  const queueUp = async () => {
    const now = deps.clock.monotonic();
    if (deps.selfMetrics === undefined || clockWait.held() || now < nextUp) return;
    await deps.storage.commit({ add: [{ queue: deps.checks.queue, records: [deps.selfMetrics.up()] }] });
    nextUp = now + UP_EVERY;
  };
  const confirmClock = async (signal: AbortSignal) => {
    for (const what of await clockWait.settle(inTime().patience, signal)) reports.repaired(what);
  };
  return {
    repair: {
      name: "repair",
      every: deps.releaseInterval,
      run: async () => {
        for (const queue of SHARED_QUEUES)
          for (const what of await deps.storage.repair(queue)) reports.repaired(what);
      },
    },
    collect: {
      name: "collect",
      every: deps.captureInterval,
      run: createCollect({ ...deps, report: reports.plugin }),
    },
    store: { name: "store", every: deps.captureInterval, run: () => deps.outbox.store(deps.storage) },
    aggregate: {
      name: "aggregate",
      every: deps.interval,
      run: async (_at, signal) => {
        await deps.arrivals?.store(deps.storage);
        // A pass that takes everything is the last chance to ask for the time.
        if (pace.openWindow && clockWait.held()) await confirmClock(signal);
        clockWait.moveWindows();
        if (clockWait.held() && !pace.openWindow) return;
        const report = await aggregate(deps, { ...inTime(), progress: reports.aggregating }, signal);
        reports.aggregated(report);
      },
    },
    sends: [
      sendJob(deps.metrics, confirmClock, clockWait.intake),
      sendJob(deps.logs),
      sendJob(deps.distributions),
      sendJob(deps.sketches),
      sendJob(deps.events),
      sendJob(deps.checks, queueUp),
    ],
  };
}
