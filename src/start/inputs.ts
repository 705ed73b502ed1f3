import type { LiveWindows } from "../aggregate/live-windows.ts";
import type { AgentStatus } from "../commands/agent-status.ts";
import type { Health } from "../commands/health.ts";
import type { Config } from "../config/config.ts";
import { createReceiver, type Receive } from "../dogstatsd/receiver.ts";
import { trafficCounter } from "../dogstatsd/traffic.ts";
import { StorageError } from "../errors.ts";
import type { InheritedSockets } from "../io/inherited-sockets.ts";
import type { AggregateReport } from "../jobs/aggregate-commits.ts";
import { type Arrivals, createArrivals } from "../jobs/arrivals.ts";
import type { Logger } from "../log/log.ts";
import { eventRecord } from "../records/event.ts";
import { recordKey } from "../records/key.ts";
import { tagList } from "../records/normalize.ts";
import { seriesReader } from "../records/series-identity.ts";
import { serviceCheckRecord } from "../records/service-check.ts";
import type { Clock } from "../schedule/clock.ts";
import type { Job } from "../schedule/lane.ts";
import type { Storage } from "../storage/storage.ts";
import { agentSocket, createDesk } from "./desk.ts";
import { createListeners } from "./listeners.ts";
import { createRedisListener } from "./redis-listener.ts";
import { createTrafficReport } from "./traffic-report.ts";

/** What of a setup decides where what applications send goes. */
export type InputSetup = {
  config: Config;
  log: Logger;
  live: LiveWindows;
  storage: Pick<Storage, "commit">;
};

type CloseWindows = () => Promise<AggregateReport | undefined>;

/** The places at which applications send. They outlive a configuration, so that a reload loses no packet. */
export type Inputs = {
  /**
   * Sends what arrives into the windows of this setup from now on, and opens its listeners unless they are open. Rejects with
   * ListenError or ConfigError when one that was chosen cannot be opened; one that is there by default is then only logged.
   */
  use(setup: InputSetup): Promise<void>;
  /** Takes DogStatsD lines of plugins. */
  receiveLines(lines: readonly string[]): void;
  /** The events and service checks that came in. */
  arrivals: Arrivals;
  /** Reports what came in: to the log, and as Chouette's own metrics. */
  job(every: number): Job;
  /** Sets what closes the windows when a command asks for it; undefined: nothing does now. */
  closedBy(close: CloseWindows | undefined): void;
  close(): Promise<void>;
};

/** What the agent answers to `inspect-queue --health` and to `inspect-queue`. */
export type Answers = { health(): Health; status(): AgentStatus | undefined };

/** A dry run is mostly tried beside the service, which has the port. */
const PORT_TAKEN =
  "the port for DogStatsD is taken, as it is beside a running service: what applications send is not shown here";

/** `inherited`: the sockets that systemd passed. */
export function createInputs(
  clock: Clock,
  inherited: InheritedSockets,
  dryRun: boolean,
  answers: Answers,
): Inputs {
  const counter = trafficCounter();

  let receive: Receive = () => {};
  const listeners = createListeners(inherited, (packet) => receive(packet), counter);
  const report = createTrafficReport(clock, counter.traffic, listeners.all);
  const arrivals = createArrivals();
  let closeWindows: CloseWindows | undefined;
  const desk = createDesk({
    close: async () => closedOf(await closeWindows?.()),
    health: async () => answers.health(),
    status: async () => answers.status(),
    traffic: async () => (listeners.all().length === 0 ? undefined : report.status()),
  });
  let current: InputSetup | undefined;
  const redis = createRedisListener(clock, async (change) => {
    if (current === undefined) throw new StorageError("the agent is starting; try again");
    await current.storage.commit(change);
  });

  return {
    arrivals,
    receiveLines: (lines) => receive(Buffer.from(lines.join("\n"))),
    async close() {
      await listeners.close();
      await redis.close();
      await desk.close();
    },
    closedBy: (given) => {
      closeWindows = given;
    },

    async use(setup) {
      const { config, live, log } = setup;
      const before = listeners.all();
      receive = createReceiver({
        now: clock.now,
        live,
        counter,
        event: (event, at) => arrivals.put("chouette:events:wrapped", eventRecord(event, at, recordKey(at))),
        check: (check, at) =>
          arrivals.put("chouette:checks:wrapped", serviceCheckRecord(check, at, recordKey(at))),
        readSeries: seriesReader(tagList(config.globalTags)),
        ttl: config.metricTtl,
        shapes: 2 * config.maxSeries,
      });
      current = setup;
      if (!dryRun) await desk.open(agentSocket(config), log);
      await listeners.open(config.dogstatsd, (why) => (dryRun ? log.info(PORT_TAKEN) : log.warn(why)));
      for (const listener of listeners.all()) {
        const { where, buffer } = listener;
        if (!before.includes(listener)) log.info({ where, buffer }, "applications can send DogStatsD");
      }
      const where = await redis.open(config.redisListen);
      if (where !== undefined) log.info({ where }, "applications can write as to Redis");
    },

    job: (every) => ({
      name: "dogstatsd",
      every,
      run: async () => {
        if (current === undefined) return;
        const { live, log, config } = current;
        report.log(log);
        if (config.sendSelfMetrics) report.measure(live, config.globalTags);
      },
    }),
  };
}

/** The answer to `flush`, which asked to close the windows. */
function closedOf(report: AggregateReport | undefined) {
  return report && { raw: report.raw, series: report.live, points: report.points };
}
