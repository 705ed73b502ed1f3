import { PluginError } from "../errors.ts";
import type { Point } from "../model.ts";
import type { Capture } from "../plugins/plugin.ts";
import { isValue } from "../records/value.ts";
import { GRACE } from "./capture-time.ts";

/** The result of a capture. */
export type Judgment = {
  /** False when the plugin could not do its work; a device that is absent is not a failure. */
  ok: boolean;
  points: Point[];
  /** DogStatsD lines for the windows of applications. */
  lines?: readonly string[];
  /** Why points are missing, and what to type about it. */
  reason?: string;
  remedy?: string;
};

export type CaptureLimits = {
  /** Seconds for one capture. */
  seconds: number;
  /** Points of one capture: PLUGIN_MAX_POINTS. */
  maxPoints: number;
  /** Chouette's own code, which does not hold the processor: when it ends late, another plugin did. */
  trusted?: boolean;
};

/** Judges what a plugin returned or threw, whatever that is, after so many seconds: which points count, and what was wrong. */
export function judgeCapture(capture: unknown, duration: number, limits: CaptureLimits): Judgment {
  if (capture instanceof PluginError)
    return { ok: false, points: [], reason: capture.message, remedy: capture.remedy };
  if (!isCapture(capture))
    return { ok: false, points: [], reason: capture instanceof Error ? capture.message : String(capture) };
  const { points, lines, ...given } = capture;
  const sendable = points.filter(({ value }) => isValue(value));
  const failures = [
    ...tooMany(Math.max(sendable.length, lines?.length ?? 0), limits),
    ...tooLong(duration, limits),
  ];
  const remarks = [given, ...unsendable(points, sendable), ...failures];
  const reasons = remarks.flatMap(({ reason }) => reason ?? []);
  const remedies = remarks.flatMap(({ remedy }) => remedy ?? []);
  return {
    ok: failures.length === 0,
    points: sendable.slice(0, limits.maxPoints),
    ...(lines !== undefined && { lines: lines.slice(0, limits.maxPoints) }),
    ...(reasons.length > 0 && { reason: reasons.join("; ") }),
    ...(remedies.length > 0 && { remedy: remedies.join(" ") }),
  };
}

type Remark = { reason?: string; remedy?: string };

function isCapture(value: unknown): value is Capture {
  return Array.isArray((value as Partial<Capture> | null | undefined)?.points);
}

function tooMany(points: number, { maxPoints }: CaptureLimits): Remark[] {
  if (points <= maxPoints) return [];
  return [
    {
      reason: `more than PLUGIN_MAX_POINTS=${maxPoints} points at once; the others were left out`,
      remedy: "Raise PLUGIN_MAX_POINTS, or let the plugin report less.",
    },
  ];
}

function unsendable(points: readonly Point[], sendable: readonly Point[]): Remark[] {
  const count = points.length - sendable.length;
  return count === 0 ? [] : [{ reason: `${count} values are not numbers that can be sent` }];
}

function tooLong(duration: number, { seconds, trusted = false }: CaptureLimits): Remark[] {
  if (trusted || duration <= seconds + GRACE) return [];
  return [
    {
      reason: `took ${Math.round(duration)} s and held the processor, so that nothing else could run`,
      remedy: "Let it await what takes long, or make it a command: exec:COMMAND.",
    },
  ];
}
