import type { LiveWindows } from "../aggregate/live-windows.ts";
import type { Listener } from "../dogstatsd/listener.ts";
import type { Traffic } from "../dogstatsd/traffic.ts";
import type { Logger } from "../log/log.ts";
import { rateLimited } from "../log/rate-limited.ts";
import { seriesReader } from "../records/series-identity.ts";
import type { Clock } from "../schedule/clock.ts";

/** What `inspect-queue` shows of DogStatsD: everything since the agent started. */
export type TrafficStatus = {
  listeners: { where: string; buffer_bytes?: number }[];
  packets: number;
  malformed: Record<string, number>;
  dropped: Record<string, number>;
  last_malformed: string | null;
  /** The metric with most lines beyond MAX_SERIES. */
  most_beyond_max_series: { metric: string; lines: number } | null;
};

export type TrafficReport = {
  status(): TrafficStatus;
  /** Logs what was dropped since the last call, each reason once an hour. */
  log(log: Logger): void;
  /** Adds Chouette's own counts of what came in since the last call. */
  measure(live: LiveWindows, globalTags: readonly string[]): void;
};

/** Seconds within which the same problem is logged once. */
const QUIET_SECONDS = 3600;

export function createTrafficReport(
  clock: Clock,
  traffic: Traffic,
  listeners: () => readonly Listener[],
): TrafficReport {
  const logged = new Map<string, number>();
  const measured = new Map<string, number>();

  const status = (): TrafficStatus => {
    const kernel = listeners().reduce((sum, listener) => sum + (listener.drops?.() ?? 0), 0);
    return {
      listeners: listeners().map(({ where, buffer }) => ({
        where,
        ...(buffer !== undefined && { buffer_bytes: buffer }),
      })),
      packets: traffic.packets,
      malformed: { ...traffic.malformed },
      dropped: { ...traffic.dropped, ...(kernel > 0 && { kernel }) },
      last_malformed: traffic.lastMalformed ?? null,
      most_beyond_max_series: traffic.worst ?? null,
    };
  };

  /** Returns what a count grew by since it was last seen. */
  const grown = (seen: Map<string, number>, name: string, count: number): number => {
    const before = seen.get(name) ?? 0;
    seen.set(name, count);
    return Math.max(0, count - before);
  };

  let limited: { log: Logger; limited: ReturnType<typeof rateLimited> } | undefined;

  return {
    status,

    log(log) {
      if (limited?.log !== log) limited = { log, limited: rateLimited(log, clock, QUIET_SECONDS) };
      const now = status();
      for (const [kind, counts] of [
        ["malformed", now.malformed],
        ["dropped", now.dropped],
      ] as const)
        for (const [reason, count] of Object.entries(counts)) {
          const lines = grown(logged, `${kind} ${reason}`, count);
          if (lines === 0) continue;
          const fields =
            kind === "malformed" ? { reason, lines, last: traffic.lastMalformed } : { reason, lines };
          limited.limited.warn(`${kind} ${reason}`, fields, wordsOf(kind, reason, now));
        }
    },

    measure(live, globalTags) {
      const readSeries = seriesReader(globalTags);
      const now = status();
      const count = (metric: string, tags: string[], total: number) => {
        const value = grown(measured, `${metric} ${tags}`, total);
        const series = value > 0 ? readSeries(metric, tags) : undefined;
        if (series === undefined) return;
        const timestamp = clock.now();
        const group = live.find(series, "count", timestamp);
        if (typeof group !== "string") live.add(group, { series, type: "count", timestamp, value });
      };
      count("chouette.dogstatsd.packets", [], now.packets);
      for (const [reason, total] of Object.entries(now.malformed))
        count("chouette.dogstatsd.malformed", [`reason:${reason}`], total);
      for (const [reason, total] of Object.entries(now.dropped))
        count("chouette.dogstatsd.dropped", [`reason:${reason}`], total);
    },
  };
}

function wordsOf(kind: "malformed" | "dropped", reason: string, now: TrafficStatus): string {
  if (kind === "malformed")
    return "malformed lines of DogStatsD were dropped; to see the last one: chouette inspect-queue";
  switch (reason) {
    case "series":
      return `lines of series beyond MAX_SERIES were dropped, most of ${now.most_beyond_max_series?.metric}: give it fewer tags, or raise MAX_SERIES`;
    case "memory":
      return "lines of DogStatsD were dropped because the windows take too much memory: send fewer values, or sample them (|@0.1)";
    case "kernel":
      return `the kernel dropped packets of DogStatsD because the receive buffer of ${now.listeners[0]?.buffer_bytes} bytes was full: sudo sysctl -w net.core.rmem_max=8388608, then restart`;
    case "expired":
      return "lines of DogStatsD with a timestamp older than METRIC_TTL were dropped";
    default:
      return `lines of DogStatsD were dropped: ${reason}`;
  }
}
