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

export type SupervisorLimits = {
  /** Seconds for one capture. */
  seconds: number;
  /** Points of one capture: PLUGIN_MAX_POINTS. */
  maxPoints: number;
  /** Chouette's own code, which does not hold the processor: when it ends late, another plugin did. */
  trusted?: boolean;
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
    busySince = clock.monotonic();
    try {
      return await collector.collect(at, signal);
    } finally {
      busySince = undefined;
    }
  };
  /** Said in the same words when its time is over and at each capture after that: the log has them once. */
  const missing = (since: number) =>
    new PluginError(
      `has not come back for ${Math.round(clock.monotonic() - since)} s`,
      `chouette test-plugins ${name}`,
    );

  return {
    name,
    capture: async (at, stop) => {
      if (busySince !== undefined)
        return { plugin: name, duration: 0, ...judge(missing(busySince), 0, limits) };
      const begin = clock.monotonic();
      const time = timeFor(limits.seconds, clock, stop);
      const capture = await Promise.race([
        start(at, time.signal).catch((error: unknown) => error),
        time.over.then(() => missing(begin)),
      ]);
      time.clear();
      const duration = clock.monotonic() - begin;
      return { plugin: name, duration, ...judge(capture as Capture | Error, duration, limits) };
    },
    close: async () => collector.close?.(),
  };
}

/**
 * The time for one capture: `signal` aborts when it is up, `over` resolves a second later. A timer that is late itself had to
 * wait for a plugin that held the processor; the others, which had to wait too, get another second.
 */
function timeFor(
  seconds: number,
  clock: Clock,
  stop: AbortSignal,
): { signal: AbortSignal; over: Promise<void>; clear(): void } {
  const begin = clock.monotonic();
  const limit = deadline(clock, seconds, stop);
  const up = new AbortController();
  const cleared = new AbortController();
  const watch = async () => {
    await aborted(limit.signal);
    if (clock.monotonic() - begin > seconds + GRACE) await clock.sleep(GRACE, cleared.signal);
    up.abort(limit.signal.reason);
    await clock.sleep(GRACE, cleared.signal);
  };
  return {
    signal: up.signal,
    over: watch(),
    clear: () => {
      limit.clear();
      cleared.abort();
    },
  };
}

function judge(
  capture: Capture | Error,
  duration: number,
  { seconds, maxPoints, trusted = false }: SupervisorLimits,
): Omit<PluginOutcome, "plugin" | "duration"> {
  if (capture instanceof PluginError) {
    return { ok: false, points: [], reason: capture.message, remedy: capture.remedy };
  }
  if (!Array.isArray((capture as Partial<Capture> | undefined)?.points)) {
    return { ok: false, points: [], reason: capture instanceof Error ? capture.message : String(capture) };
  }
  const { points, ...given } = capture as Capture;
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const cut = finite.length > maxPoints && {
    reason: `more than PLUGIN_MAX_POINTS=${maxPoints} points at once; the others were left out`,
    remedy: "Raise PLUGIN_MAX_POINTS, or let the plugin report less.",
  };
  const odd = finite.length < points.length && {
    reason: `${points.length - finite.length} values were no finite numbers`,
  };
  const held = !trusted &&
    duration > seconds + GRACE && {
      reason: `took ${Math.round(duration)} s and held the processor, so that nothing else could run`,
      remedy: "Let it await what takes long, or make it a command: exec:COMMAND.",
    };
  const remarks: Omit<Capture, "points">[] = [given, cut, odd, held].filter((remark) => remark !== false);
  const reasons = remarks.flatMap(({ reason }) => reason ?? []);
  const remedies = remarks.flatMap(({ remedy }) => remedy ?? []);
  return {
    ok: !cut && !held,
    points: finite.slice(0, maxPoints),
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    ...(remedies.length > 0 && { remedy: remedies.join(" ") }),
  };
}
