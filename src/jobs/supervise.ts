import { PluginError } from "../errors.ts";
import type { Point } from "../model.ts";
import type { Capture, Collector } from "../plugins/plugin.ts";
import type { Clock } from "../schedule/clock.ts";
import { aborted, deadline } from "../schedule/deadline.ts";

/** How one capture of one plugin went. */
export type PluginOutcome = {
  plugin: string;
  /** False when the plugin could not do its work; a device that is absent is no failure. */
  ok: boolean;
  points: Point[];
  /** Seconds. */
  duration: number;
  /** Why points are missing, and what to type about it. */
  reason?: string;
  remedy?: string;
};

export type Supervised = {
  name: string;
  capture(at: number, stop: AbortSignal): Promise<PluginOutcome>;
  close(): Promise<void>;
};

/** Seconds that a plugin has after its signal to hand over what it has. */
const GRACE = 1;

const RAISE = "Raise PLUGIN_MAX_POINTS, or let the plugin report less.";

export type SupervisorLimits = {
  /** Seconds for one capture. */
  seconds: number;
  /** Points of one capture: PLUGIN_MAX_POINTS. */
  maxPoints: number;
};

/**
 * A plugin that can do no harm: it is timed, ends at its deadline whether it listens to the signal or not, is not started
 * again before it has come back, may throw, and brings a bounded number of points. `capture` never rejects.
 */
export function supervise(
  name: string,
  collector: Collector,
  clock: Clock,
  limits: SupervisorLimits,
): Supervised {
  let busySince: number | undefined;

  const start = async (at: number, signal: AbortSignal): Promise<Capture> => {
    busySince = at;
    try {
      return await collector.collect(at, signal);
    } finally {
      busySince = undefined;
    }
  };

  return {
    name,
    capture: async (at, stop) => {
      if (busySince !== undefined) {
        const reason = `has not come back since its capture ${Math.round(at - busySince)} s ago`;
        return {
          plugin: name,
          ok: false,
          points: [],
          duration: 0,
          reason,
          remedy: `chouette test-plugins ${name}`,
        };
      }
      const begin = clock.monotonic();
      const limit = deadline(clock, limits.seconds, stop);
      const patience = deadline(clock, limits.seconds + GRACE, stop, GRACE);
      const capture = await Promise.race([
        start(at, limit.signal).catch((error: unknown) => error),
        aborted(patience.signal).then(
          () => new PluginError(`did not finish within ${limits.seconds} s`, `chouette test-plugins ${name}`),
        ),
      ]);
      limit.clear();
      patience.clear();
      return {
        plugin: name,
        duration: clock.monotonic() - begin,
        ...judge(capture as Capture | Error, limits.maxPoints),
      };
    },
    close: async () => collector.close?.(),
  };
}

function judge(capture: Capture | Error, maxPoints: number): Omit<PluginOutcome, "plugin" | "duration"> {
  if (capture instanceof PluginError) {
    return { ok: false, points: [], reason: capture.message, remedy: capture.remedy };
  }
  if (!Array.isArray((capture as Partial<Capture> | undefined)?.points)) {
    return { ok: false, points: [], reason: capture instanceof Error ? capture.message : String(capture) };
  }
  const { points, reason, remedy } = capture as Capture;
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const kept = finite.slice(0, maxPoints);
  const cut =
    finite.length > maxPoints
      ? `more than PLUGIN_MAX_POINTS=${maxPoints} points at once; the others were left out`
      : undefined;
  const odd =
    finite.length < points.length
      ? `${points.length - finite.length} values were no finite numbers`
      : undefined;
  const reasons = [reason, cut, odd].filter((text) => text !== undefined);
  const remedies = [cut && RAISE, remedy].filter((text) => text !== undefined);
  return {
    ok: cut === undefined,
    points: kept,
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    ...(remedies.length > 0 && { remedy: remedies.join(" ") }),
  };
}
