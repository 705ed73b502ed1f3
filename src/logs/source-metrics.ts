import type { Clock } from "../schedule/clock.ts";
import type { NewRecord } from "../storage/storage.ts";

/** Makes Chouette's own metrics of what a source gave; undefined when they are not sent. */
export type Measure = ((source: string, lines: number, bytes: number) => readonly NewRecord[]) | undefined;

/** Lines and bytes that each source queued, until they are taken. */
export type SourceMetrics = {
  add(source: string, lines: number, bytes: number): void;
  /** Takes the records of the last minute; none before it is over. */
  take(): NewRecord[];
};

const SECONDS = 60;

export function createSourceMetrics(measure: Measure, clock: Pick<Clock, "monotonic">): SourceMetrics {
  const queued = new Map<string, { lines: number; bytes: number }>();
  let takenAt = clock.monotonic();
  return {
    add(source, lines, bytes) {
      if (measure === undefined || lines === 0) return;
      const before = queued.get(source) ?? { lines: 0, bytes: 0 };
      queued.set(source, { lines: before.lines + lines, bytes: before.bytes + bytes });
    },
    take() {
      if (clock.monotonic() - takenAt < SECONDS) return [];
      takenAt = clock.monotonic();
      const records = [...queued].flatMap(([name, { lines, bytes }]) => measure?.(name, lines, bytes) ?? []);
      queued.clear();
      return records;
    },
  };
}
