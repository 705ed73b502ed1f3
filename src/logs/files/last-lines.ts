import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { SplitState } from "./split-lines.ts";

/** Bytes at the end of a file in which its last lines are looked for. */
const END = 64 * 1024;

/** Returns where the last `count` whole lines of a file begin; 0: behind the last newline. */
export function lastLines(path: string, count: number): SplitState {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - END);
    const bytes = Buffer.alloc(size - start);
    const end = readSync(fd, bytes, 0, bytes.length, start);
    let at = end;
    for (let left = count; left >= 0; left--) {
      const newline = at === 0 ? -1 : bytes.lastIndexOf(10, at - 1);
      if (newline === -1)
        return start === 0 ? { offset: 0, skipping: false } : { offset: start, skipping: true };
      if (left === 0) return { offset: start + newline + 1, skipping: false };
      at = newline;
    }
    return { offset: start + end, skipping: false };
  } finally {
    closeSync(fd);
  }
}
