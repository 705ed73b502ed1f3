import type { Measurement, ParseRawMetric } from "../records/raw-metric.ts";
import { END_OF_TIME } from "../records/time.ts";
import { unreadable } from "../records/unreadable.ts";
import type { StoredRecord } from "../storage/storage.ts";
import type { Entry } from "./window.ts";

/** Records of the raw queue by what is to be done with them. */
export type Batch = {
  /** To be aggregated now. */
  entries: Entry[];
  /** Stamped later than `before` though queued earlier: to be queued at their own time. */
  misplaced: { record: StoredRecord; at: number }[];
  /** Keys of metrics older than `oldest`. */
  expired: string[];
  /** Malformed records, with the reason. */
  rejected: { record: StoredRecord; reason: string }[];
};

/** Sorts records by the timestamp inside them: the queue's order is only what their writer made of it. Unix seconds. */
export function sortBatch(
  records: readonly StoredRecord[],
  parse: ParseRawMetric,
  { oldest, before }: { oldest: number; before: number },
): Batch {
  const batch: Batch = { entries: [], misplaced: [], expired: [], rejected: [] };
  for (const record of records) {
    const measurement = read(record, parse);
    if (typeof measurement === "string") {
      batch.rejected.push({ record, reason: measurement });
    } else if (measurement.timestamp < 0 || measurement.timestamp >= END_OF_TIME) {
      batch.rejected.push({
        record,
        reason: `its timestamp ${measurement.timestamp} is not in Unix seconds`,
      });
    } else if (measurement.timestamp < oldest) {
      batch.expired.push(record.key);
    } else if (measurement.timestamp >= before) {
      batch.misplaced.push({ record, at: measurement.timestamp });
    } else {
      batch.entries.push({ key: record.key, measurement });
    }
  }
  return batch;
}

/** A record that makes its parser fail costs only itself. */
function read(record: StoredRecord, parse: ParseRawMetric): Measurement | string {
  try {
    return record.body === undefined ? unreadable(record) : parse(record.body);
  } catch (error) {
    return `it cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}
