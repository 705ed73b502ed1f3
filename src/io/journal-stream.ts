import { fstatSync } from "node:fs";
import type { Env } from "../config/variable.ts";

/**
 * True when the file of that descriptor is the journal's: JOURNAL_STREAM has its device and inode, and is inherited by programs whose
 * output goes elsewhere too (systemd.exec(5)).
 */
export function isJournal({ JOURNAL_STREAM }: Env, descriptor: number): boolean {
  if (JOURNAL_STREAM === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor);
    return JOURNAL_STREAM === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
