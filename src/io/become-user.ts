import { readdirSync, readFileSync } from "node:fs";
import { setgid, setgroups, setuid } from "node:process";

export type NewUser = { uid: number; gid: number | string; groups: readonly (number | string)[] };

/**
 * From root to another user with these groups and no others, for good and for every thread. Throws where that is not
 * allowed, or a group does not exist.
 */
export function becomeUser({ uid, gid, groups }: NewUser): void {
  if (hasRing())
    throw new Error("the Node in this program reads files through io_uring, which would stay root's");
  setgroups?.(groups);
  setgid?.(gid);
  setuid?.(uid);
}

/**
 * Node before 20.11.1 has one from its start, and the kernel's thread behind it keeps the user of that moment (CVE-2024-22017).
 * In /proc/self/fdinfo/5 of such a ring is `SqThread:\t812`.
 */
function hasRing(): boolean {
  return readdirSync("/proc/self/fdinfo").some((fd) => /^SqThread:\s*\d+$/m.test(fdinfo(fd)));
}

/** Empty for the one that was opened to list them, which is closed by now. */
function fdinfo(fd: string): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, "utf8");
  } catch {
    return "";
  }
}
