import type { StoredRecord } from "../storage/storage.ts";

/** Why a record without a readable body, or with one that is not what it should be, is refused. */
export function unreadable({ body, bytes }: StoredRecord): string {
  if (body !== undefined) return "it is not a record of this queue";
  return bytes === 0 ? "its key has no value" : `its value of ${bytes} bytes is too large to read`;
}
