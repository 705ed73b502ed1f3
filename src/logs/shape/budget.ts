import type { Status } from "../text/status.ts";
import { severityOf } from "../text/status.ts";

/** Bytes of logs queued on a day (UTC), and how far the levels were cut. Plain data, kept in a note. */
export type Budget = { day: number; bytes: number; leftOut: number; cut: number };

export const NO_BUDGET: Budget = { day: 0, bytes: 0, leftOut: 0, cut: 0 };

/** Shares of the day's bytes from which levels are left out: debug first, errors only when all is used. */
const STAGES: readonly (readonly [share: number, severest: Status, words: string])[] = [
  [0.5, "debug", "half of it is used: debug is left out"],
  [0.8, "info", "80 % of it is used: info and debug are left out"],
  [0.95, "warn", "95 % of it is used: only errors are sent"],
  [1, "emergency", "all of it is used: no logs are sent"],
];

/**
 * Takes a log of so many bytes at `now` (Unix seconds) within `most` bytes a day; `send` is false when its level is left out.
 * `news` says, once on a day for each stage, that a level begins to be left out.
 */
export function spend(
  budget: Budget,
  status: Status | undefined,
  bytes: number,
  now: number,
  most: number,
): { budget: Budget; send: boolean; news: string | undefined } {
  const day = Math.floor(now / 86_400);
  const current = day === budget.day ? budget : { ...NO_BUDGET, day };
  const after = current.bytes + bytes;
  const reached = STAGES.filter(([share]) => after > share * most);
  const severest = reached.at(-1)?.[1];
  const send = severest === undefined || severityOf(status) < severityOf(severest);
  const next = send ? { ...current, bytes: after } : { ...current, leftOut: current.leftOut + 1 };
  const isNews = !send && reached.length > current.cut;
  return {
    budget: isNews ? { ...next, cut: reached.length } : next,
    send,
    news: isNews ? reached.at(-1)?.[2] : undefined,
  };
}
