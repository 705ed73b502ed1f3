import type { QueueName } from "../storage/storage.ts";
import { CHECK_TTL, EVENT_TTL } from "./other-tracks.ts";

/** Returns the seconds after which records of a queue are not sent any more; `logTtl` and `metricTtl` are LOG_TTL and METRIC_TTL. */
export function queueTtl(
  queue: QueueName,
  { logTtl, metricTtl }: { logTtl: number; metricTtl: number },
): number {
  if (queue.startsWith("chouette:logs")) return logTtl;
  if (queue.startsWith("chouette:events")) return EVENT_TTL;
  return queue.startsWith("chouette:checks") ? CHECK_TTL : metricTtl;
}
