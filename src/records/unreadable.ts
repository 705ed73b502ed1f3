import { overJsonLimits } from "../json/json-limits.ts";
import type { StoredRecord } from "../storage/storage.ts";

/** Bytes of a record that is read: what the intake takes of one log, and far more than a metric or a point has. */
export const MAX_RECORD_BYTES = 1_000_000;

/** Why a record without a readable body, or with one that is not what it should be, is refused. */
export function unreadable({ body, bytes, damaged }: StoredRecord): string {
  if (damaged === true) return "the card changed its value, as its checksum shows";
  if (body !== undefined) return `it ${overJsonLimits(body) ?? "is not a record of this queue"}`;
  return bytes === 0 ? "its key has no value" : `its value of ${bytes} bytes is too large to read`;
}
