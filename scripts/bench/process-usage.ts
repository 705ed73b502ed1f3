import { readFileSync } from "node:fs";

/**
 * CPU seconds of a process, user and system, and bytes that it had written to disk, out of /proc/PID/stat and io (proc(5));
 * clock ticks are hundredths of a second on Linux.
 */
export function processUsage(pid: number): { cpu: number; written: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const io = readFileSync(`/proc/${pid}/io`, "utf8");
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    written: Number(/^write_bytes: (\d+)/m.exec(io)?.[1]),
  };
}
