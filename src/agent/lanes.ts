import { setMaxListeners } from "node:events";
import type { AggregateReport } from "../jobs/aggregate-commits.ts";
import { type Jobs, type Pace, RELEASE_SHARE, type Reports } from "../jobs/jobs.ts";
import type { Clock } from "../schedule/clock.ts";
import { type Job, type Report, runLane } from "../schedule/lane.ts";
import type { Liveness } from "../schedule/liveness.ts";
import { oneAtATime } from "../schedule/one-at-a-time.ts";
import { aligned, once } from "../schedule/ticks.ts";
import type { Lease, Storage } from "../storage/storage.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type RunDeps = Pick<Terminal, "clock" | "stop" | "note"> & {
  storage: Storage;
  createJobs(pace: Pace, reports: Reports): Jobs;
  /** Takes the logs of the device; undefined when none are configured. */
  logs: Job | undefined;
  reports: Reports;
  report: Report;
  /** Records when each lane last made progress. */
  liveness: Liveness;
  /** Aborts when the next configuration replaces this one. */
  replaced: AbortSignal;
  /** The lease of the one agent of this host on this storage. */
  lease: Lease;
  /** The owner of a lease as shown to a person. */
  describeOwner(owner: string): string;
  releaseInterval: number;
  /** True when windows in memory hold values of applications. */
  holdsValues(): boolean;
  /** The places at which applications send, and the job that reports what came in. */
  inputs: {
    open(): Promise<void>;
    close(): Promise<void>;
    job: Job;
    /** Sets what closes the windows when a command asks for it; undefined: nothing does now. */
    closedBy(close: (() => Promise<AggregateReport | undefined>) | undefined): void;
  };
};

/** Seconds that the agent lease lasts, and between two renewals, each of which is a write to the SD card. */
const AGENT_LEASE = 300;
const AGENT_RENEWAL = 120;

/** Seconds that the last pass spends on each queue, on all tracks at once: the unit allows 60 for all of them before systemd kills. */
const LAST_PASS = 10;

/**
 * Runs every job on its interval until the agent is asked to stop, then makes one last pass. Resolves to the exit code, or to
 * undefined when the next configuration replaces this one: then the lanes have ended, and lease and queues are left as they are.
 */
export async function run(deps: RunDeps): Promise<number | undefined> {
  const { clock, stop, storage, lease, liveness } = deps;
  const refusal = await becomeAgent(deps);
  if (refusal !== undefined) {
    deps.note(`${refusal}\n`);
    return 1;
  }
  try {
    await deps.inputs.open();
  } catch (error) {
    await storage.release(lease).catch(() => {});
    throw error;
  }
  const superseded = new AbortController();
  const until = AbortSignal.any([stop, superseded.signal, deps.replaced]);
  // Each lane waits on it, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, until);
  const renew: Job = {
    name: "lease",
    every: AGENT_RENEWAL,
    run: async () => {
      const owner = await storage.acquire(lease, AGENT_LEASE);
      if (owner === undefined) return;
      deps.note(
        `another chouette run (${deps.describeOwner(owner)}) took this storage while this one was unresponsive; stopping\n`,
      );
      superseded.abort();
    },
  };
  const pace: Pace = {
    openWindow: false,
    paced: true,
    selfMetrics: true,
    patience: 0,
    seconds: RELEASE_SHARE * deps.releaseInterval,
    letFinish: true,
    until: Number.POSITIVE_INFINITY,
    longestPause: Number.POSITIVE_INFINITY,
    attempts: Number.POSITIVE_INFINITY,
  };
  const jobs = deps.createJobs(pace, deps.reports);
  const inTurn = oneAtATime();
  const aggregate = { ...jobs.aggregate, run: inTurn(jobs.aggregate.run) };
  const logs = deps.logs === undefined ? [] : [deps.logs];
  const lanes = [jobs.repair, aggregate, ...jobs.sends, ...logs, deps.inputs.job, renew];
  deps.inputs.closedBy(inTurn(() => closeWindows(deps)));
  const ticks = (job: Job) => aligned(job.every, clock, until, job.offset);
  await Promise.all([
    runLane(liveness.watch(jobs.collect), soonAnd(ticks(jobs.collect), clock, until), until, deps.report),
    ...lanes.map((job) => runLane(liveness.watch(job), ticks(job), until, deps.report)),
  ]);
  deps.inputs.closedBy(undefined);
  await inTurn(async () => {})();
  if (superseded.signal.aborted) {
    await deps.inputs.close();
    // The other agent sends what only this process had.
    if (deps.holdsValues()) await closeWindows(deps);
    return 1;
  }
  if (deps.replaced.aborted) return undefined;
  await deps.inputs.close();
  await lastPass(deps);
  return 0;
}

/**
 * Takes or renews the agent lease. Resolves to a message when another process holds it. When the storage is unreachable the lane
 * that renews the lease tries again.
 */
export async function becomeAgent({
  storage,
  lease,
  describeOwner,
}: Pick<RunDeps, "storage" | "lease" | "describeOwner">): Promise<string | undefined> {
  const other = await storage.acquire(lease, AGENT_LEASE).catch(() => undefined);
  return other === undefined
    ? undefined
    : `another chouette run (${describeOwner(other)}) is using this storage; stop it first: sudo systemctl stop chouette`;
}

/** What a pass does that takes everything: `seconds` is for each of its jobs. */
const everything = (seconds: number): Pace => ({
  openWindow: true,
  paced: false,
  selfMetrics: false,
  patience: seconds / 2,
  seconds,
  letFinish: false,
  until: Number.POSITIVE_INFINITY,
  longestPause: seconds,
  attempts: 1,
});

/** Closes every window, including the open one: what is in memory comes into a queue. Resolves to undefined when it failed. */
export async function closeWindows(
  deps: Omit<RunDeps, "liveness" | "replaced" | "inputs">,
): Promise<AggregateReport | undefined> {
  let closed: AggregateReport | undefined;
  const aggregated = (report: AggregateReport) => {
    closed = report;
    deps.reports.aggregated(report);
  };
  const { aggregate } = deps.createJobs(everything(LAST_PASS), { ...deps.reports, aggregated });
  await runLane(aggregate, once(deps.clock), new AbortController().signal, deps.report);
  return closed;
}

/** Stores, aggregates and sends everything, including the open window, moves the rest to the card, and releases the lease. */
export async function lastPass(deps: Omit<RunDeps, "liveness" | "replaced" | "inputs">): Promise<void> {
  const ending = new AbortController();
  const last = deps.createJobs(everything(LAST_PASS), deps.reports);
  const pass = (job: Job) => runLane(job, once(deps.clock), ending.signal, deps.report);
  await pass(last.store);
  if (deps.logs !== undefined) await pass(deps.logs);
  await pass(last.aggregate);
  await Promise.all(last.sends.map(pass));
  await deps.storage.persist().catch((error: unknown) => deps.report("persist", error));
  await deps.storage.release(deps.lease).catch(() => {});
}

/**
 * Ticks at the next second, then on schedule, so that the first delivery has something to send and a person something to see. Not
 * in the current second: the previous agent may have captured in it, and a series has one value per second.
 */
async function* soonAnd(
  ticks: AsyncIterable<number>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<number> {
  for await (const at of aligned(1, clock, signal)) {
    yield at;
    break;
  }
  yield* ticks;
}
