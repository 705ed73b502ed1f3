import { mkdtempSync, rmSync } from "node:fs";
import { writeJournal } from "../servers/journal-files.ts";
import { syslogLines } from "./logs-lines.ts";
import type { Measurement } from "./measurement.ts";

/** CPU time of an entry of the journal on its way to a log line, in Bun and in Node, journalctl included. */
export async function journalRows(count: number): Promise<Measurement[]> {
  const directory = mkdtempSync("/var/tmp/chouette-bench-journal-");
  try {
    const start = Date.now() * 1000 - count * 1000;
    const boot = "a".repeat(32);
    const entries = syslogLines(count)
      .trimEnd()
      .split("\n")
      .map((line, i) => {
        const [, program = "", pid = "1", message = ""] =
          /^\S+ pi ([\w-]+)(?:\[(\w+)\])?: (.*)/.exec(line) ?? [];
        const unit = { _SYSTEMD_UNIT: `${program}.service`, SYSLOG_IDENTIFIER: program, _PID: pid };
        return { time: start + i * 1000, boot, fields: { MESSAGE: message, PRIORITY: "6", ...unit } };
      });
    writeJournal(directory, "bench", entries);
    const bundle = `${directory}/child.mjs`;
    await Bun.$`bun build scripts/bench/logs-journal-child.ts --target node --outfile ${bundle}`.quiet();
    const rows: Measurement[] = [];
    for (const [runtime, aim] of [
      [process.execPath, 30],
      ["node", 50],
    ] as const) {
      const { cpu } = (await Bun.$`${runtime} ${bundle} ${directory} ${count}`.json()) as { cpu: number };
      rows.push({
        what: `${count} entries of the journal, ${runtime === "node" ? "Node" : "Bun"}`,
        chouette: `${((cpu / count) * 1e6).toFixed(1)} us CPU an entry, journalctl included`,
        beside: "",
        aim: `<= ${aim} us`,
      });
    }
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
