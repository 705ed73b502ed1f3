import { type Jobs, type Pace, RELEASE_SHARE, type Reports } from "../jobs/jobs.ts";
import type { Clock } from "../schedule/clock.ts";
import { type Job, type Report, runLane } from "../schedule/lane.ts";
import type { Progress } from "../schedule/liveness.ts";
import { aligned, once } from "../schedule/ticks.ts";
import type { Lease, Storage } from "../storage/storage.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type RunDeps = Pick<Terminal, "clock" | "stop"> & {
  storage: Storage;
  createJobs(pace: Pace, reports: Reports): Jobs;
  reports: Reports;
  report: Report;
  /** Hears how the lanes move. */
  progress: Progress;
  /** Aborts when the next configuration takes over. */
  replaced: AbortSignal;
  /** The right to be the agent of this host on this storage. */
  lease: Lease;
  /** How the owner of a lease reads for a person. */
  describeOwner(owner: string): string;
  /** Standard error. */
  note(text: string): void;
  releaseInterval: number;
};

/** Seconds for which the right to be the agent is taken, and between two renewals, each of which is a write to the SD card. */
const AGENT_LEASE = 300;
const AGENT_RENEWAL = 120;

/** Seconds of the last pass for each queue, after the agent was told to stop: the unit gives it 60 before systemd kills. */
const LAST_PASS = 10;

/**
 * The agent: every job on its interval until it is told to stop, then one last orderly pass. Resolves to the exit code, or to
 * undefined when it was replaced: then its lanes have ended, and the lease and the queues are as they were, for the next.
 */
export async function run(deps: RunDeps): Promise<number | undefined> {
  const { clock, stop, storage, lease, progress } = deps;
  const refusal = await becomeAgent(deps);
  if (refusal !== undefined) {
    deps.note(`${refusal}\n`);
    return 1;
  }
  const superseded = new AbortController();
  const until = AbortSignal.any([stop, superseded.signal, deps.replaced]);
  const renew: Job = {
    name: "lease",
    every: AGENT_RENEWAL,
    run: async () => {
      const owner = await storage.acquire(lease, AGENT_LEASE);
      if (owner === undefined) return;
      deps.note(
        `another chouette run (${deps.describeOwner(owner)}) took over this storage while this one did not answer; ending\n`,
      );
      superseded.abort();
    },
  };
  const pace: Pace = {
    openWindow: false,
    selfMetrics: true,
    patience: 0,
    seconds: RELEASE_SHARE * deps.releaseInterval,
    longestPause: Number.POSITIVE_INFINITY,
    attempts: Number.POSITIVE_INFINITY,
  };
  const jobs = deps.createJobs(pace, deps.reports);
  const lanes = [jobs.repair, jobs.aggregate, ...jobs.sends, renew];
  const ticks = (job: Job) => aligned(job.every, clock, until);
  await Promise.all([
    runLane(progress.watch(jobs.collect), soonAnd(ticks(jobs.collect), clock, until), until, deps.report),
    ...lanes.map((job) => runLane(progress.watch(job), ticks(job), until, deps.report)),
  ]);
  if (superseded.signal.aborted) return 1;
  if (deps.replaced.aborted) return undefined;
  await lastPass(deps);
  return 0;
}

/**
 * Takes the right to be the agent, or keeps it. Resolves to a sentence when another process has it; a storage that is out of reach
 * is asked later, by the lane that renews.
 */
export async function becomeAgent({
  storage,
  lease,
  describeOwner,
}: Pick<RunDeps, "storage" | "lease" | "describeOwner">): Promise<string | undefined> {
  const other = await storage.acquire(lease, AGENT_LEASE).catch(() => undefined);
  return other === undefined
    ? undefined
    : `another chouette run (${describeOwner(other)}) works on this storage; stop it first: sudo systemctl stop chouette`;
}

/** Stores, aggregates and sends what is there, the open window too, and gives the lease up. */
export async function lastPass(deps: Omit<RunDeps, "progress" | "replaced">): Promise<void> {
  const ending = new AbortController();
  const last = deps.createJobs(
    {
      openWindow: true,
      selfMetrics: false,
      patience: LAST_PASS / 2,
      seconds: LAST_PASS,
      longestPause: LAST_PASS,
      attempts: 1,
    },
    deps.reports,
  );
  for (const job of [last.store, last.aggregate, ...last.sends])
    await runLane(job, once(deps.clock), ending.signal, deps.report);
  await deps.storage.release(deps.lease).catch(() => {});
}

/**
 * The first capture is at the next second, so that the first release has something to send, and a person something to see. Not
 * in this one: an agent that was here a moment ago may have captured in it, and a series has one value at a second.
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
