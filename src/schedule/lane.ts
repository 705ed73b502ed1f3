/** Work that is done on ticks. `run` rejects when it failed this time, and is called again on the next tick. */
export type Job = {
  name: string;
  /** Seconds between two runs. */
  every: number;
  /** Seconds after the multiples of `every` at which it runs; 0 by default. */
  offset?: number;
  /** `at` is the tick's Unix second; `signal` aborts when the agent stops. */
  run(at: number, signal: AbortSignal): Promise<void>;
};

/** Called at the end of each run, without an error when it succeeded. */
export type Report = (job: string, error?: unknown) => void;

/**
 * The one loop: runs the job once per tick, never two runs at a time, until the ticks end or the signal aborts.
 * A failure is reported and does not end the lane. Resolves to whether every run went well.
 */
export async function runLane(
  job: Job,
  ticks: AsyncIterable<number>,
  signal: AbortSignal,
  report: Report,
): Promise<boolean> {
  let good = true;
  for await (const at of ticks) {
    try {
      await job.run(at, signal);
      report(job.name);
    } catch (error) {
      good = false;
      report(job.name, error);
    }
    if (signal.aborted) break;
  }
  return good;
}
