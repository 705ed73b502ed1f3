import { readFileSync } from "node:fs";

/**
 * Reads the CPU seconds of a process, user and system, and the bytes it wrote to disk from /proc/PID/stat and io (proc(5));
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

/**
 * Reads the peak resident size of this process in bytes from /proc/self/status (proc(5)). Not `maxRSS` of getrusage(2), which
 * Linux inherits from the process that started this one.
 */
export function peakMemory(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) * 1024;
}
