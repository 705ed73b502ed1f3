import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

/** An entry of a journal: Unix microseconds, 32 hexadecimal digits, and fields. */
export type Entry = { time: number; boot: string; fields: Readonly<Record<string, string>> };

/**
 * Writes a journal file in the order of the entries, through systemd-journal-remote, which takes the export format:
 * https://systemd.io/JOURNAL_EXPORT_FORMATS/.
 */
export function writeJournal(directory: string, name: string, entries: readonly Entry[]): void {
  mkdirSync(directory, { recursive: true });
  const text = entries
    .map(({ time, boot, fields }) => {
      const all = { ...fields, _BOOT_ID: boot };
      const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
      return `__REALTIME_TIMESTAMP=${time}\n__MONOTONIC_TIMESTAMP=${time % 1e12}\n${lines.join("")}\n`;
    })
    .join("");
  const written = spawnSync(
    "/lib/systemd/systemd-journal-remote",
    ["--output", `${directory}/${name}.journal`, "-"],
    { input: text },
  );
  if (written.status !== 0) throw new Error(`systemd-journal-remote: ${written.stderr}`);
}
