import { statfs as systemStatfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DiskUsage, Io } from "../plugins/plugin.ts";

/** The numbers of statfs(2); `frsize` is absent before Node 26 and equals `bsize` on all but a few network filesystems. */
export type StatFs = {
  bsize: number;
  frsize?: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
};

const DEADLINE_MS = 2000;

/**
 * Asks mounts below `root` for their size, waiting at most two seconds.
 *
 * statfs(2) on a mount whose server is gone does not return, and cannot be cancelled. Each such call holds one thread of the
 * runtime's pool for as long as it lasts, and the pool is small: Node has four, Bun about as many as there are CPUs. When all
 * are held, no file can be read any more. So a mount that was late is not asked again while its call is under way, and callers
 * ask mounts that may hang one after the other, never all at once.
 */
export function createDiskUsage(
  root: string,
  statfs: (path: string) => Promise<StatFs> = systemStatfs,
  deadlineMs = DEADLINE_MS,
): Io["diskUsage"] {
  const underWay = new Map<string, { answer: Promise<DiskUsage | undefined>; late: boolean }>();

  return async (mount) => {
    let call = underWay.get(mount);
    if (call?.late) return undefined;
    if (call === undefined) {
      const answer = statfs(join(root, mount)).then(toDiskUsage, () => undefined);
      call = { answer, late: false };
      underWay.set(mount, call);
      void answer.then(() => underWay.delete(mount));
    }
    const over = new AbortController();
    const usage = await Promise.race([call.answer, lateness(call, deadlineMs, over.signal)]);
    over.abort();
    return usage;
  };
}

function toDiskUsage({ bsize, frsize = bsize, blocks, bfree, bavail, files, ffree }: StatFs): DiskUsage {
  return {
    total: blocks * frsize,
    used: (blocks - bfree) * frsize,
    free: bavail * frsize,
    inodes: files,
    inodesFree: ffree,
  };
}

/** Marks the call as late when it has not answered by the deadline. The timer keeps no process alive. */
async function lateness(call: { late: boolean }, deadlineMs: number, over: AbortSignal): Promise<undefined> {
  await delay(deadlineMs, undefined, { signal: over, ref: false }).catch(() => {});
  call.late = !over.aborted;
}
