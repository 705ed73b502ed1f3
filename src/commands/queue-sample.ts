import { parseLenientJson } from "../lenient-json.ts";
import type { StoredRecord } from "../storage/storage.ts";

/** What a queue's records tell; `bytes` and `malformed` are extrapolated where not all of them were read. */
export type QueueSample = {
  bytes: number;
  malformed: number;
  /** The most frequent metric names, or services of logs, among the records that were read. */
  top: { name: string; count: number }[];
  /** How many records were read. */
  sampled: number;
};

const TOP = 5;

export function describeSample(records: readonly StoredRecord[], count: number): QueueSample {
  const names = records.map(nameOf);
  const scale = records.length === 0 ? 0 : Math.max(1, count / records.length);
  const counts = new Map<string, number>();
  for (const name of names) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    bytes: Math.round(records.reduce((bytes, record) => bytes + record.bytes, 0) * scale),
    malformed: Math.round(names.filter((name) => name === undefined).length * scale),
    top: [...counts]
      .map(([name, number]) => ({ name, count: number }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .slice(0, TOP),
    sampled: records.length,
  };
}

/** The name under which a person knows a record: its metric, its service, or why it was rejected; undefined: not readable. */
function nameOf({ body }: StoredRecord): string | undefined {
  const record = body === undefined ? undefined : parseLenientJson(body);
  if (typeof record !== "object" || record === null) return undefined;
  const { metric, service, reason } = record as Record<string, unknown>;
  return [metric, service, reason].find((name) => typeof name === "string") ?? "(no name)";
}
