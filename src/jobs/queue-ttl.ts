import type { QueueName } from "../storage/storage.ts";
import { CHECK_TTL, EVENT_TTL } from "./other-tracks.ts";
import { OLDEST_POINT } from "./track.ts";

/**
 * Returns the seconds after which records of a queue are not sent any more; `logTtl` and `metricTtl` are LOG_TTL and METRIC_TTL,
 * `historicalMetrics` HISTORICAL_METRICS.
 */
export function queueTtl(
  queue: QueueName,
  { logTtl, metricTtl, historicalMetrics }: { logTtl: number; metricTtl: number; historicalMetrics: boolean },
): number {
  if (queue.startsWith("chouette:logs")) return logTtl;
  if (queue.startsWith("chouette:events")) return EVENT_TTL;
  if (queue.startsWith("chouette:checks")) return CHECK_TTL;
  // Raw metrics are built into points first, which are then too old.
  const isSent = !queue.startsWith("chouette:metrics:raw") && !historicalMetrics;
  return isSent ? Math.min(metricTtl, OLDEST_POINT) : metricTtl;
}
