/** What came in over DogStatsD since the start: what was taken, and what was not, by reason. */
export type Traffic = {
  packets: number;
  /** Lines that are not DogStatsD, by what is wrong: `metric`, `event`, `check`, `encoding`, `name`, `value`, `frame`. */
  malformed: Record<string, number>;
  /** Lines that are right and were not taken, by why: `series` (MAX_SERIES), `memory`, `expired`; packets: `kernel`. */
  dropped: Record<string, number>;
  lastMalformed: string | undefined;
  /** The metric of which most lines were beyond MAX_SERIES, and how many. */
  worst: { metric: string; lines: number } | undefined;
};

export type TrafficCounter = {
  traffic: Traffic;
  malformed(reason: string, line: string): void;
  dropped(reason: string, count?: number): void;
  /** Counts a line of a series beyond MAX_SERIES. */
  beyond(metric: string): void;
};

/** Characters of a malformed line, and metric names beyond MAX_SERIES, that are kept. */
const KEPT = 200;

export function trafficCounter(): TrafficCounter {
  const traffic: Traffic = {
    packets: 0,
    malformed: {},
    dropped: {},
    lastMalformed: undefined,
    worst: undefined,
  };
  const names = new Map<string, number>();
  const dropped = (reason: string, count = 1) => {
    traffic.dropped[reason] = (traffic.dropped[reason] ?? 0) + count;
  };
  return {
    traffic,
    dropped,
    malformed(reason, line) {
      traffic.malformed[reason] = (traffic.malformed[reason] ?? 0) + 1;
      traffic.lastMalformed = line.slice(0, KEPT);
    },
    beyond(metric) {
      dropped("series");
      if (names.size >= KEPT && !names.has(metric)) return;
      const lines = (names.get(metric) ?? 0) + 1;
      names.set(metric, lines);
      if (lines > (traffic.worst?.lines ?? 0)) traffic.worst = { metric, lines };
    },
  };
}
