import type { ServiceCheck } from "../model.ts";
import { parseTags, parseTimestamp, unescapeNewlines } from "./fields.ts";

const STATUSES = [0, 1, 2, 3] as const;

/**
 * Parses a line such as `_sc|db.up|2|#db:main|m:no route`; undefined without a name or a status from 0 to 3. Leaves out invalid
 * fields. Clients append fields after `m:` although it should be the last, so the order does not matter.
 */
export function parseServiceCheck(line: string): ServiceCheck | undefined {
  const [head, name = "", code, ...fields] = line.split("|");
  const status = STATUSES.find((known) => String(known) === code);
  if (head !== "_sc" || name === "" || status === undefined) return undefined;
  const check: ServiceCheck = { name, status, tags: [] };
  for (const field of fields) readField(check, field);
  return check;
}

function readField(check: ServiceCheck, field: string): void {
  if (field.startsWith("#")) check.tags = parseTags(field.slice(1));
  const value = field.slice(2);
  if (value === "") return;
  if (field.startsWith("d:")) {
    const timestamp = parseTimestamp(value);
    if (timestamp !== undefined) check.timestamp = timestamp;
  } else if (field.startsWith("h:")) check.host = value;
  else if (field.startsWith("m:")) check.message = unescapeNewlines(value).replaceAll("m\\:", "m:");
}
