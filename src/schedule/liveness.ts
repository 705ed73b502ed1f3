import type { Clock } from "./clock.ts";
import type { Job } from "./lane.ts";

/** A stuck lane: in a run that makes no progress, or overdue for the next run. */
export type Stuck = { lane: string; running: boolean; seconds: number };

/** Tells whether the lanes of the agent move, in monotonic time, so that neither a clock that jumps nor a suspended machine counts. */
export type Liveness = {
  /** The job, which now tells when its runs begin and end. Its lane is expected to move from here on. */
  watch(job: Job): Job;
  /** The run under way has got a step further: one that takes long is not stuck as long as it does. */
  moved(job: string): void;
  /**
   * The lanes that have not moved for `grace` seconds longer than they may: their interval. Between two runs it is twice that,
   * since a clock that is set back makes a lane wait once more.
   */
  stuck(grace: number): Stuck[];
};

export function createLiveness({ monotonic }: Pick<Clock, "monotonic">): Liveness {
  type Lane = { every: number; running: boolean; movedAt: number };
  const lanes = new Map<string, Lane>();
  const move = (lane: Lane, running: boolean) => {
    lane.running = running;
    lane.movedAt = monotonic();
  };
  return {
    watch(job) {
      const lane = { every: job.every, running: false, movedAt: monotonic() };
      lanes.set(job.name, lane);
      return {
        ...job,
        run: async (at, signal) => {
          move(lane, true);
          try {
            await job.run(at, signal);
          } finally {
            move(lane, false);
          }
        },
      };
    },
    moved(name) {
      const lane = lanes.get(name);
      if (lane !== undefined) move(lane, lane.running);
    },
    stuck(grace) {
      const now = monotonic();
      return [...lanes]
        .map(([lane, { every, running, movedAt }]) => ({
          lane,
          running,
          seconds: now - movedAt,
          patience: grace + (running ? every : 2 * every),
        }))
        .filter(({ seconds, patience }) => seconds > patience)
        .map(({ lane, running, seconds }) => ({ lane, running, seconds }));
    },
  };
}
