import { lastPass } from "../../src/agent/lanes.ts";
import { liveWindows } from "../../src/aggregate/live-windows.ts";
import type { Wrapper } from "../../src/aggregate/wrapper.ts";
import { LeaseLost, StorageError } from "../../src/errors.ts";
import type { Jobs, Pace, Reports } from "../../src/jobs/jobs.ts";
import { LeaseBusy } from "../../src/jobs/lease.ts";
import { createOutbox } from "../../src/jobs/outbox.ts";
import type { SendReport } from "../../src/jobs/send-report.ts";
import { supervise } from "../../src/jobs/supervise.ts";
import { gauge } from "../../src/model.ts";
import { createDeviceClock, type DeviceClock } from "../../src/schedule/device-clock.ts";
import { type Job, runLane } from "../../src/schedule/lane.ts";
import { appJobs } from "../../src/start/components.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { load } from "../config/load.ts";
import { PACE } from "../helpers/pace.ts";
import type { ModelIntake } from "./intake.ts";
import type { Medium } from "./levels.ts";
import { createLife, type Life } from "./life.ts";
import type { Machine } from "./machine.ts";

export const CONFIG = load({ HOST: "pi4", SEND_SELF_METRICS: "false" });

export type Surroundings = {
  machine: Machine;
  medium: Medium;
  intake: ModelIntake;
  wrapper: Wrapper;
  /** Returns the number of another capture. */
  capture(): number;
  /** Hears how each release of a track ended, and of errors that must not happen. */
  sent(report: SendReport): void;
  fault(what: string): void;
};

/** A process of the agent, or of `flush`. */
export type Process = {
  life: Life;
  storage: Storage;
  clock: DeviceClock;
  capture(): Promise<boolean>;
  aggregate(): Promise<boolean>;
  release(): Promise<boolean>;
  /** What SIGTERM makes it do. */
  end(): Promise<void>;
};

/** Starts a process with the real jobs of the agent; each resolves to whether it went well. */
export function startProcess(around: Surroundings): Process {
  const { machine, medium, wrapper } = around;
  const life = createLife();
  const storage = medium.open(life);
  const clock = createDeviceClock(machine, machine.facts());
  const collect = async (at: number) => ({ points: [gauge("captures", around.capture(), at, [])] });
  const intake = {
    ...around.intake,
    post: (...request: Parameters<ModelIntake["post"]>) =>
      life.operation(() => around.intake.post(...request)),
  };
  const parts = {
    clock,
    trust: clock.trust,
    storage,
    intake,
    outbox: createOutbox(),
    plugins: [supervise("test", { collect }, clock, { seconds: 10, maxPoints: 10 })],
    wrapper,
    live: liveWindows({ interval: CONFIG.aggregateInterval, keeps: wrapper.keeps, maxSeries: 100 }),
  };
  const reports: Reports = {
    plugin: () => {},
    aggregating: () => {},
    aggregated: () => {},
    sending: () => {},
    sent: around.sent,
    repaired: () => {},
    manyTags: () => {},
  };
  const report = (_: string, error?: unknown) => {
    const isExpected = [StorageError, LeaseBusy, LeaseLost].some((kind) => error instanceof kind);
    if (error === undefined || life.dead() || isExpected) return;
    around.fault(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const createJobs = (pace: Pace, given: Reports): Jobs => appJobs(CONFIG, parts, pace, given);
  const jobs = createJobs(PACE, reports);
  const stop = new AbortController().signal;
  const run = (job: Job) => runLane(job, only(clock.now()), stop, report);
  return {
    life,
    storage,
    clock,
    capture: () => run(jobs.collect),
    aggregate: () => run(jobs.aggregate),
    release: async () => {
      let good = true;
      for (const job of jobs.sends) good = (await run(job)) && good;
      return good;
    },
    end: async () => {
      await lastPass({
        clock,
        stop,
        note: () => {},
        storage,
        createJobs,
        logs: undefined,
        holdsValues: () => false,
        reports,
        report,
        lease: { name: "agent:pi4", owner: "test" },
        describeOwner: (owner) => owner,
        releaseInterval: CONFIG.releaseInterval,
      });
    },
  };
}

async function* only(at: number): AsyncGenerator<number> {
  yield at;
}
