import { existsSync, readFileSync } from "node:fs";
import type { ClockFacts } from "../schedule/device-clock.ts";

/**
 * systemd-timesyncd touches it "on each successful synchronization", in a directory that is new at each boot
 * (https://www.freedesktop.org/software/systemd/man/latest/systemd-timesyncd.service.html). chrony and ntpd leave nothing that
 * everybody may read and that is sure to be of this boot: their drift files are kept, dated by the clock in question, and in directories of
 * their users. The kernel's own word (STA_UNSYNC of adjtimex(2), `timedatectl`: NTPSynchronized) is in no file below /proc or /sys. With
 * these two the date of the intake's first answer confirms the clock.
 */
const SYNCHRONIZED = "/run/systemd/timesync/synchronized";

/**
 * Returns what this machine knows about its clock without being root. `monotonic` is the clock's, `root` "/" or HOST_ROOT,
 * `builtAt` Unix seconds. The boot has no id where the kernel does not tell it.
 */
export function clockFacts(root: string, monotonic: () => number, builtAt: number): ClockFacts {
  // 12345.67 23456.78: seconds since the boot, with those in which the machine was suspended
  const up = Number(textOf("/proc/uptime")?.split(" ")[0] ?? 0);
  const id = textOf("/proc/sys/kernel/random/boot_id")?.trim().slice(0, 8) ?? "";
  const mark = root === "/" ? SYNCHRONIZED : `${root}${SYNCHRONIZED}`;
  return { synchronized: () => existsSync(mark), boot: { id, up: up - monotonic() }, builtAt };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
