import { readFileSync } from "node:fs";

/**
 * Returns the bytes that this process has had written to disks since its start, by the kernel's count of pages that it dirtied;
 * undefined where there is no such count. [measured] what is written to a tmpfs is not in it.
 * `write_bytes: 323932160` (https://man7.org/linux/man-pages/man5/proc_pid_io.5.html)
 */
export function bytesWritten(path = "/proc/self/io"): number | undefined {
  try {
    const found = /^write_bytes: (\d+)$/m.exec(readFileSync(path, "utf8"))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
}
