import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** What an agent takes at a moment. */
export type Usage = {
  /** Bytes of memory in all, and without the pages of the executable; the most so far. */
  rss: number;
  anonymous: number;
  peak: number;
  descriptors: number;
  threads: number;
  /** Bytes of the databases in RAM and on the card. */
  hot: number;
  card: number;
  /** Bytes that the process wrote to a disk since it started. */
  written: number;
};

/** Reads /proc/PID (proc(5)) and the sizes of the files below two directories. */
export function usageOf(pid: number, hot: string | undefined, card: string | undefined): Usage {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
  const number = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
  const [memory, status, io] = [read("smaps_rollup"), read("status"), read("io")];
  return {
    rss: number(memory, "Rss") * 1024,
    anonymous: number(memory, "Anonymous") * 1024,
    peak: number(status, "VmHWM") * 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: number(status, "Threads"),
    hot: sizeBelow(hot),
    card: sizeBelow(card),
    written: number(io, "write_bytes") - number(io, "cancelled_write_bytes"),
  };
}

function sizeBelow(directory: string | undefined): number {
  if (directory === undefined) return 0;
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return files.reduce((sum, file) => {
    const found = statSync(join(directory, file), { throwIfNoEntry: false });
    return sum + (found?.isFile() ? found.size : 0);
  }, 0);
}
