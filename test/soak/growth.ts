import type { Usage } from "./usage.ts";

/** What must stay flat over time, and how much of it is noise. */
const FLAT: readonly (readonly [name: keyof Usage, slack: number])[] = [
  ["rss", 6_000_000],
  ["anonymous", 6_000_000],
  ["descriptors", 3],
  ["threads", 4],
  ["hot", 1_000_000],
  // The -wal file keeps up to 4 MiB of what it once needed.
  ["card", 5_000_000],
];

/** Samples below which nothing can be said. */
const ENOUGH = 12;

/** Returns what grew in one life of an agent: the median of the last third against that of the second, since the first is warm-up. */
export function grown(samples: readonly Usage[]): string[] {
  if (samples.length < ENOUGH) return [];
  const third = Math.floor(samples.length / 3);
  return FLAT.flatMap(([name, slack]) => {
    const before = median(samples.slice(third, 2 * third).map((sample) => sample[name]));
    const after = median(samples.slice(2 * third).map((sample) => sample[name]));
    return after > before + slack ? [`${name} grew from ${before} to ${after}`] : [];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
