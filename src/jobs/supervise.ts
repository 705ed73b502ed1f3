import { PluginError } from "../errors.ts";
import type { Capture, Collector } from "../plugins/plugin.ts";
import type { Clock } from "../schedule/clock.ts";
import { startCaptureTime } from "./capture-time.ts";
import { type CaptureLimits, type Judgment, judgeCapture } from "./judge-capture.ts";

/** The outcome of a plugin's capture; the duration is in seconds. */
export type PluginOutcome = Judgment & { plugin: string; duration: number };

export type Supervised = {
  name: string;
  capture(at: number, stop: AbortSignal): Promise<PluginOutcome>;
  close(): Promise<void>;
};

/**
 * Supervises a plugin so that it cannot do harm: it is timed, ends at its deadline whether it listens to the signal or not, is
 * not started again before it has come back, may throw, and brings a bounded number of points. `capture` never rejects.
 */
export function supervise(
  name: string,
  collector: Collector,
  clock: Clock,
  limits: CaptureLimits,
): Supervised {
  let busySince: number | undefined;

  const start = async (at: number, signal: AbortSignal): Promise<Capture> => {
    busySince = clock.monotonic();
    try {
      return await collector.collect(at, signal);
    } finally {
      busySince = undefined;
    }
  };
  /** In the same words when its time is over and at each capture after that, so that the log has them once. */
  const missing = (since: number) =>
    new PluginError(
      `has not come back for ${Math.round(clock.monotonic() - since)} s`,
      `chouette test-plugins ${name}`,
    );

  return {
    name,
    capture: async (at, stop) => {
      if (busySince !== undefined)
        return { plugin: name, duration: 0, ...judgeCapture(missing(busySince), 0, limits) };
      const begin = clock.monotonic();
      const time = startCaptureTime(limits.seconds, clock, stop);
      const capture = await Promise.race([
        start(at, time.signal).catch((error: unknown) => error),
        time.over.then(() => missing(begin)),
      ]);
      time.clear();
      const duration = clock.monotonic() - begin;
      return { plugin: name, duration, ...judgeCapture(capture, duration, limits) };
    },
    close: async () => collector.close?.(),
  };
}
