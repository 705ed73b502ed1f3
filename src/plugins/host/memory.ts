import type { Meminfo } from "../kernel/meminfo.ts";

/** Bytes; undefined where something that it is computed from is unknown. */
export type Memory = { used: number | undefined; available: number | undefined };

/**
 * Computes the memory in use and available as psutil.virtual_memory() did for the dashboards that exist: used is what is neither
 * free nor page cache nor reclaimable (psutil since 7.2 and free(1) since procps 4 say total minus available instead). Within LXC
 * the parts may be greater than the whole. `lowWatermark` is in bytes, and used where the kernel is before 3.14.
 */
export function memoryOf(meminfo: Meminfo, lowWatermark: number | undefined): Memory {
  const { total, free } = meminfo;
  const available = knownAvailable(meminfo) ?? estimateAvailable(meminfo, lowWatermark);
  const isTooMuch = available !== undefined && total !== undefined && available > total;
  return { used: usedOf(meminfo), available: isTooMuch ? free : available };
}

function usedOf({ total, free, buffers, cached, reclaimable }: Meminfo): number | undefined {
  if (total === undefined || free === undefined) return undefined;
  if (buffers === undefined || cached === undefined || reclaimable === undefined) return undefined;
  const used = total - free - buffers - cached - reclaimable;
  return used < 0 ? total - free : used;
}

/** What the kernel says; its 0 is an old bug (https://github.com/giampaolo/psutil/issues/1915) and undefined here. */
export function knownAvailable({ available }: Meminfo): number | undefined {
  return available === 0 ? undefined : available;
}

/**
 * What MemAvailable was to be when it was invented (https://git.kernel.org/torvalds/c/34e431b0ae398fc54ea69ff85ec700722c9da773):
 * free memory above the watermark, and of page cache and reclaimable memory all but the half that would soon be missed.
 */
function estimateAvailable(meminfo: Meminfo, lowWatermark: number | undefined): number | undefined {
  const { free, cached, reclaimable, activeFile, inactiveFile } = meminfo;
  if (free === undefined) return undefined;
  if (activeFile === undefined || inactiveFile === undefined || lowWatermark === undefined)
    return cached === undefined ? undefined : free + cached;
  if (reclaimable === undefined) return undefined;
  const pageCache = activeFile + inactiveFile;
  const available = free - lowWatermark + allBut(pageCache, lowWatermark) + allBut(reclaimable, lowWatermark);
  return Math.max(0, available);
}

function allBut(bytes: number, reserve: number): number {
  return bytes - Math.min(bytes / 2, reserve);
}
