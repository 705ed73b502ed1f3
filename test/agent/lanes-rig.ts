import { run } from "../../src/agent/lanes.ts";
import { createReports } from "../../src/agent/log-reports.ts";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import type { Env } from "../../src/config/variable.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import { createLogger } from "../../src/log/log.ts";
import { gauge } from "../../src/model.ts";
import { seriesReader } from "../../src/records/series-identity.ts";
import { createLiveness } from "../../src/schedule/liveness.ts";
import { appJobs, appWrapper } from "../../src/start/components.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { load } from "../config/load.ts";
import { testClock } from "../helpers/clock.ts";
import { type MemoryIntake, memoryIntake } from "../helpers/memory-intake.ts";
import { memoryStorage } from "../helpers/memory-storage.ts";
/** Three seconds into a window, and into a minute. */
export const START = 1_591_541_223;
export const OTHER = "812/120345/pid:[4026531836]/5c7f/pi4";

/** An agent whose one plugin calls `onCapture` at each capture: that is where things happen and where it is stopped. */
export function setUp(intake: MemoryIntake = memoryIntake(), env: Env = {}) {
  const clock = testClock(START);
  const storage = memoryStorage(clock.now);
  const stop = new AbortController();
  const lease = { name: "agent:pi4", owner: "me" };
  const captures: number[] = [];
  let count: (metric: string, value: number) => void = raise;

  const start = async (onCapture: (count: number) => Promise<void> | void, found: Storage = storage) => {
    const config = load({ HOST: "pi4", SEND_SELF_METRICS: "false", ...env });
    const wrapper = await appWrapper(config, async () => {});
    const collector = {
      collect: async (at: number) => {
        captures.push(at - START);
        await onCapture(captures.length);
        return { points: [gauge("captures", captures.length, at)] };
      },
    };
    const plugins = [supervise("test", collector, clock, { seconds: 10, maxPoints: 10 })];
    const { aggregateInterval: interval, maxSeries } = config;
    const live = liveWindows({ interval, keeps: wrapper.keeps, maxSeries });
    const readSeries = seriesReader([]);
    count = (metric, value) => {
      const series = readSeries(metric, []) ?? raise(metric);
      const measurement = { series, type: "count", timestamp: clock.now(), value, weight: 1 } as const;
      const group = live.find(series, "count", measurement.timestamp);
      if (typeof group === "string" || !live.add(group, measurement)) raise(metric);
    };
    const parts = { clock, storage: found, intake, outbox: createOutbox(), plugins, wrapper, live };
    const logged: string[] = [];
    const log = createLogger({
      level: "info",
      stream: { write: (line) => void logged.push(JSON.parse(line).msg) },
      format: "json",
      color: false,
      secrets: [],
    });
    let noted = "";
    const code = await run({
      clock,
      stop: stop.signal,
      storage: found,
      ...createReports(log, clock),
      logs: undefined,
      createJobs: (pace, reports) => appJobs(config, parts, pace, reports),
      liveness: createLiveness(clock),
      replaced: new AbortController().signal,
      lease,
      describeOwner: (owner) => `the owner ${owner}`,
      note: (text) => {
        noted += text;
      },
      releaseInterval: config.releaseInterval,
      holdsValues: () => live.has(Number.POSITIVE_INFINITY),
      inputs: { open: async () => {}, close: async () => {}, closedBy: () => {}, job: idle },
    });
    return { code, noted, logged };
  };
  /** Counts in memory, as applications do over DogStatsD. */
  const counted = (metric: string, value: number) => count(metric, value);
  return { clock, storage, stop, lease, captures, start, counted };
}

const idle = { name: "dogstatsd", every: 60, run: async () => {} };

function raise(metric: string): never {
  throw new Error(`${metric} was not taken`);
}
