import type { Pace } from "../../src/jobs/jobs.ts";

/** Of an agent that releases every minute, and tries each release once. */
export const PACE: Pace = {
  openWindow: false,
  paced: true,
  selfMetrics: true,
  patience: 0,
  seconds: 48,
  letFinish: true,
  until: Number.POSITIVE_INFINITY,
  longestPause: 0,
  attempts: 1,
};
