import { datadogWrapper } from "../aggregate/datadog-wrapper.ts";
import type { LiveWindows } from "../aggregate/live-windows.ts";
import { loadOwnWrapper } from "../aggregate/own-wrapper.ts";
import { simpleWrapper } from "../aggregate/simple-wrapper.ts";
import type { Wrapper } from "../aggregate/wrapper.ts";
import { dryRunIntake } from "../commands/dry-run-intake.ts";
import type { Config } from "../config/config.ts";
import type { Intake, KeyAnswer } from "../datadog/delivery.ts";
import { createIntake } from "../datadog/http/intake.ts";
import { clockFacts } from "../io/clock-facts.ts";
import { processOwner } from "../io/process-owner.ts";
import { unacknowledged } from "../io/send-queue.ts";
import type { Arrivals } from "../jobs/arrivals.ts";
import { createJobs, type Jobs, type Pace, RELEASE_SHARE, type Reports } from "../jobs/jobs.ts";
import { checksTrack, distributionsTrack, eventsTrack, sketchesTrack } from "../jobs/other-tracks.ts";
import type { Outbox } from "../jobs/outbox.ts";
import { createSelfMetrics } from "../jobs/self-metrics.ts";
import type { Supervised } from "../jobs/supervise.ts";
import { logsTrack, metricsTrack, OLDEST_POINT } from "../jobs/track.ts";
import type { LogsJob } from "../logs/logs-job.ts";
import { recordKey } from "../records/key.ts";
import { tagList } from "../records/normalize.ts";
import { rawMetricParser } from "../records/raw-metric.ts";
import { type Clock, systemClock } from "../schedule/clock.ts";
import { type ClockTrust, createDeviceClock, type DeviceClock } from "../schedule/device-clock.ts";
import { releaseOffset } from "../schedule/offset.ts";
import type { Storage } from "../storage/storage.ts";
import type { World } from "./world.ts";

/** Seconds without progress; less than the lease on a queue, so that no other process sends the same meanwhile. */
const REQUEST_SECONDS = 50;

/** Share of a delivery that one request may hang: after it there is time for another, small one. */
const REQUEST_SHARE = 0.75;

export type AppParts = {
  clock: Clock;
  /** What is known about the clock; undefined: it is right. */
  trust?: ClockTrust | undefined;
  storage: Storage;
  intake: Intake;
  outbox: Outbox;
  /** Bytes written to the card since the last call; undefined where this is not the agent. */
  written?: (() => number | undefined) | undefined;
  plugins: readonly Supervised[];
  wrapper: Wrapper;
  /** Windows of what applications send without a queue. */
  live?: LiveWindows | undefined;
  /** Takes DogStatsD lines of plugins. */
  receiveLines?: ((lines: readonly string[]) => void) | undefined;
  /** Events and service checks that came without a queue. */
  arrivals?: Arrivals | undefined;
  /** Logs of the device, more of which wait where they come from. */
  logs?: Pick<LogsJob, "refill"> | undefined;
};

/** Creates the jobs of the agent from the configuration. */
export function appJobs(config: Config, parts: AppParts, pace: Pace, reports: Reports): Jobs {
  const newKey = () => recordKey(parts.clock.now());
  const globalTags = tagList(config.globalTags);
  const sender = { host: config.host, globalTags };
  const series = {
    ttl: config.metricTtl,
    taken: config.historicalMetrics ? undefined : OLDEST_POINT,
    onManyTags: reports.manyTags,
  };
  return createJobs(
    {
      ...parts,
      host: config.host,
      newKey,
      parse: rawMetricParser(globalTags, reports.manyTags),
      owner: processOwner(),
      random: Math.random,
      interval: config.aggregateInterval,
      captureInterval: config.captureInterval,
      releaseInterval: config.releaseInterval,
      releaseOffset: releaseOffset(config.host, config.captureInterval, config.releaseInterval),
      ttl: config.metricTtl,
      backlogBytesPerSecond: config.backlogBytesPerSecond,
      maxSeries: config.maxSeries,
      mostValues: config.distributionPointsMax,
      selfMetrics: config.sendSelfMetrics ? createSelfMetrics(parts.clock.now, newKey) : undefined,
      metrics: metricsTrack(sender, {
        version: config.metricsApiVersion,
        bulk: config.metricsBulkSize,
        ...series,
      }),
      logs: {
        ...logsTrack(sender, { version: config.logsApiVersion, ttl: config.logTtl }),
        // The last pass ends with what is queued.
        refill: pace.paced ? parts.logs?.refill : undefined,
      },
      distributions: distributionsTrack(sender, series),
      sketches: sketchesTrack(sender, series),
      events: eventsTrack(sender),
      checks: checksTrack(sender),
    },
    pace,
    reports,
  );
}

/** Creates the intake of Datadog, or for a dry run one that prints. */
export function intakeOf(
  dryRun: boolean,
  config: Config,
  { print, version, terminal }: Pick<World, "print" | "version" | "terminal">,
  clock: DeviceClock,
): Intake {
  return dryRun ? dryRunIntake(print, terminal.width, config.intakeUrls) : appIntake(config, version, clock);
}

/** Creates the clock of this machine. `patience`: seconds after which a clock that the intake contradicts is used all the same. */
export function deviceClock(
  { hostRoot }: Pick<Config, "hostRoot">,
  builtAt: number | undefined,
  patience?: number,
): DeviceClock {
  return createDeviceClock(systemClock, clockFacts(hostRoot, systemClock.monotonic, builtAt ?? 0), patience);
}

/** Seconds that a person waits for what the site says about the API key. */
const KEY_SECONDS = 10;

/** Asks the site whether it accepts the API key, within so many seconds and 10 at most, without sending anything. Never rejects. */
export async function checkKey(
  config: Config,
  { version, stop }: Pick<World, "version" | "stop">,
  seconds = KEY_SECONDS,
): Promise<KeyAnswer> {
  const most = Math.min(seconds, KEY_SECONDS);
  // A server that is silent is named before the time is over; one that sends a byte now and then is not waited for either.
  const intake = createIntake({ ...intakeOptions(config, version), requestTimeout: 0.8 * most });
  const limit = AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(most * 1000))]);
  const answer = await intake.checkKey(limit);
  await intake.close();
  return answer;
}

/** Creates the intake of the configuration, which has an API key at this point. */
function appIntake(config: Config, version: string, clock: DeviceClock): Intake {
  return createIntake({
    ...intakeOptions(config, version),
    onClock: clock.heard,
    requestTimeout: Math.min(REQUEST_SECONDS, REQUEST_SHARE * RELEASE_SHARE * config.releaseInterval),
  });
}

function intakeOptions({ intakeUrls, apiKey = "", proxy, caFiles }: Config, version: string) {
  return {
    urls: intakeUrls,
    apiKey,
    version,
    proxy,
    authorities: async () => (await import("../io/trusted-authorities.ts")).trustedAuthorities(caFiles),
    unacknowledged,
  };
}

/** Loads the wrapper of METRICS_WRAPPER. Rejects with ConfigError when a custom one cannot be used. */
export async function appWrapper(
  config: Config,
  importModule: (path: string) => Promise<unknown>,
): Promise<Wrapper> {
  switch (config.wrapper) {
    case "datadog":
      return datadogWrapper({
        aggregates: config.histogramAggregates,
        percentiles: config.histogramPercentiles,
      });
    case "simple":
      return simpleWrapper;
    default:
      return loadOwnWrapper(config.wrapper, importModule);
  }
}

export async function closeAll(storage: Storage, intake: Intake): Promise<void> {
  await Promise.allSettled([storage.close(), intake.close()]);
}
